#include "policies/authenticate/signature/hmac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "async/digest.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/text.h"
#include "policies/authenticate/signature/hmac_place.h"
#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using jose::MacHash;
using ::testing::HasSubstr;

constexpr std::string_view kSecret = "It's a Secret to Everybody";
constexpr std::string_view kOld = "0123456789abcdef0123456789abcdef";

std::string mac_of(std::string_view message, std::string_view secret = kSecret,
                   MacHash hash = MacHash::sha256) {
  const std::string_view pieces[] = {message};
  return std::string(jose::MacKey::make(hash, secret)->of(pieces).text());
}
std::string in_hex(std::string_view bytes) {
  std::string out;
  for (char byte : bytes) text::append_hex(out, static_cast<unsigned char>(byte));
  return out;
}
std::string hex_of(std::string_view message, std::string_view secret = kSecret) {
  return in_hex(mac_of(message, secret));
}

std::string reference(std::string_view secret) { return "\"${=" + std::string(secret) + "}\""; }

std::string block(const std::string& more, const std::string& keys = "") {
  const std::string usual = R"("shop": {"secret": )" + reference(kSecret) + "}";
  return R"({"hmac": {"keys": {)" + (keys.empty() ? usual : keys) + "}, " + more + "}}";
}

// One request to a policy. Signed texts differ from test to test: the memory of what was used is
// the process's.
struct Sent {
  std::string method = "POST";
  std::string target = "/hooks";
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::vector<std::string>> body;
};

struct Outcome {
  std::string verdict;   // "passed", or why not
  std::string reason;    // its code
  std::string upstream;  // the body
  Strength strength{};
  std::string consumer;
  std::string left;  // of the signature header
};

Outcome ask(const PolicyFixture& policy, const Sent& sent,
            const std::string& header = "X-Signature") {
  ExchangeFixture f;
  const std::string_view target = sent.target;
  f.request(sent.method, target.substr(0, target.find('?')));
  f.x.request.target = target;
  if (target.contains('?')) {
    f.x.request.has_query = true;
    f.x.request.query = target.substr(target.find('?') + 1);
  }
  for (const auto& [name, value] : sent.headers) f.header(name, value);
  PiecesBody body(sent.body.value_or(std::vector<std::string>{}));
  if (sent.body) f.body(body);
  Outcome outcome{.reason = policy.request(f)};
  const bool passed = outcome.reason == "passed";
  outcome.verdict = passed ? "passed" : std::string(f.x.trail.entries().back().detail);
  if (passed) {
    outcome.strength = f.x.identity->strength;
    outcome.consumer = f.x.identity->consumer;
    outcome.left = f.request_values(header);
    EXPECT_EQ(f.x.identity->method, "hmac");
  }
  if (sent.body) outcome.upstream = drain(*f.x.request.body);
  return outcome;
}

std::string seconds(std::int64_t from_now = 0) { return std::to_string(in_seconds(from_now)); }

// A text that no other request of this process has.
std::string fresh(std::string_view begin = "n") {
  static int number = 0;
  return std::string(begin) + std::to_string(++number);
}

// ---- the schemes of others ----

TEST(Hmac, VerifiesWhatGithubSends) {
  PolicyFixture policy("authenticate", block(R"("preset": "github", "replay": "allowed")"));
  ASSERT_EQ(policy.errors, "");
  // The example of its documentation.
  const Sent sent{
      .headers = {{"X-Hub-Signature-256",
                   "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
      .body = {{"Hello, ", "World!"}}};
  const Outcome outcome = ask(policy, sent, "X-Hub-Signature-256");
  EXPECT_EQ(outcome.verdict, "passed");
  EXPECT_EQ(outcome.upstream, "Hello, World!");
  EXPECT_EQ(outcome.consumer, "shop");
  EXPECT_EQ(outcome.strength, Strength::key);
  EXPECT_EQ(outcome.left, "(none)");
  EXPECT_EQ(ask(policy, sent).verdict, "passed") << "replay is allowed";
}

TEST(Hmac, VerifiesWhatStripeSends) {
  PolicyFixture policy("authenticate", block(R"("preset": "stripe")"));
  ASSERT_EQ(policy.errors, "");
  auto sent = [](const std::string& time, const std::string& body, const std::string& more = "") {
    return Sent{
        .headers = {{"Stripe-Signature", "t=" + time + ",v1=" + hex_of(time + "." + body) + more}},
        .body = {{body}}};
  };
  const Sent first = sent(seconds(), fresh(), ",v0=" + std::string(64, '0'));
  EXPECT_EQ(ask(policy, first).verdict, "passed");
  EXPECT_THAT(ask(policy, first).verdict, HasSubstr("sent before"));
  EXPECT_THAT(ask(policy, sent(seconds(-301), fresh())).verdict, HasSubstr("too old"));
  EXPECT_THAT(ask(policy, sent(seconds(310), fresh())).verdict, HasSubstr("in the future"));
  EXPECT_EQ(ask(policy, sent(seconds(-290), fresh())).verdict, "passed");
  // While a secret is rolled, there is a signature for each.
  Sent two = sent(seconds(), fresh());
  two.headers.front().second += ",v1=" + std::string(64, 'a');
  EXPECT_EQ(ask(policy, two).verdict, "passed");
  Sent many = sent(seconds(), fresh());
  for (int i = 0; i < 4; ++i) many.headers.front().second += ",v1=" + std::string(64, 'a');
  EXPECT_THAT(ask(policy, many).verdict, HasSubstr("too often"));
  Sent times = sent(seconds(), fresh());
  times.headers.front().second += ",t=" + seconds();
  EXPECT_THAT(ask(policy, times).verdict, HasSubstr("one timestamp"));
}

TEST(Hmac, VerifiesWhatSlackSends) {
  PolicyFixture policy("authenticate", block(R"("preset": "slack")"));
  ASSERT_EQ(policy.errors, "");
  const std::string body = fresh("token=");
  const std::string time = seconds();
  EXPECT_EQ(
      ask(policy, {.headers = {{"X-Slack-Signature", "v0=" + hex_of("v0:" + time + ":" + body)},
                               {"X-Slack-Request-Timestamp", time}},
                   .body = {{body}}})
          .verdict,
      "passed");
}

// ---- a canonical request ----

class CanonicalHmac : public ::testing::Test {
 protected:
  static constexpr std::string_view kBlock =
      R"("signature": {"header": "Authorization", "prefix": "ACME-HMAC ", "parameter": "sig"},
         "key_id": {"header": "Authorization", "prefix": "ACME-HMAC ", "parameter": "id"},
         "timestamp": "X-Time", "timestamp_format": "rfc3339", "nonce": "X-Nonce",
         "algorithm": "sha512", "encoding": "base64", "tolerance": "1m",
         "sign": ["method", "path", "query", "host", "timestamp", "nonce", "header:X-Tenant",
                  "body_sha256"])";
  static std::string keys() {
    return R"("a": {"secret": [)" + reference(kSecret) + ", " + reference(kOld) +
           R"(], "consumer": "shop-a"}, "b": {"secret": "${=bbbbbbbbbbbbbbbb}"})";
  }

  // A request that is right, with another secret or key id if need be.
  static Sent good(std::string_view secret = kSecret, const std::string& id = "a") {
    Sent sent{.target = "/v1/orders?q=1&r=%20", .body = {{"{\"n\": 1}"}}};
    std::array<char, 24> time;
    write_rfc3339(time.data(), in_seconds(0) * 1000);
    const std::string at(time.data(), time.size());
    const std::string nonce = fresh("nonce-");
    const std::string text = "POST\n/v1/orders\nq=1&r=%20\napi.example.com\n" + at + "\n" + nonce +
                             "\nt-1\n" + async::sha256(sent.body->front());
    sent.headers = {
        {"X-Time", at},
        {"X-Nonce", nonce},
        {"X-Tenant", "t-1"},
        {"Authorization", "ACME-HMAC id=\"" + id + "\", sig=\"" +
                              base64_encode(mac_of(text, secret, MacHash::sha512)) + "\""}};
    return sent;
  }

  PolicyFixture policy_{"authenticate", block(std::string(kBlock), keys())};
};

TEST_F(CanonicalHmac, SaysWhoIsCallingOnce) {
  ASSERT_EQ(policy_.errors, "");
  const Sent sent = good();
  const Outcome outcome = ask(policy_, sent, "Authorization");
  EXPECT_EQ(outcome.verdict, "passed");
  EXPECT_EQ(outcome.consumer, "shop-a");
  EXPECT_EQ(outcome.strength, Strength::certificate);
  EXPECT_EQ(outcome.upstream, "{\"n\": 1}");
  EXPECT_EQ(outcome.left, "(none)");
  EXPECT_THAT(ask(policy_, sent).verdict, HasSubstr("sent before"));
  EXPECT_EQ(ask(policy_, good(kOld)).verdict, "passed") << "of two secrets either will do";
  EXPECT_EQ(ask(policy_, good("bbbbbbbbbbbbbbbb", "b")).consumer, "b");
}

TEST_F(CanonicalHmac, RefusesWhatWasChangedOnTheWay) {
  auto changed = [this](auto change) {
    Sent sent = good();
    change(sent);
    return ask(policy_, sent).verdict;
  };
  const auto other = HasSubstr("not that of the request");
  EXPECT_THAT(changed([](Sent& s) { s.method = "PUT"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.target = "/v1/orders/1?q=1&r=%20"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.target = "/v1/./orders?q=1&r=%20"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.target = "/v1/orders?q=2&r=%20"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.target = "/v1/orders?r=%20&q=1"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.target = "/v1/orders"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.body = {{"{\"n\": 2}"}}; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.body.reset(); }), other);
  EXPECT_THAT(changed([](Sent& s) { s.headers[1].second += "x"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.headers[2].second = "t-2"; }), other);
  EXPECT_THAT(changed([](Sent& s) { s.headers.erase(s.headers.begin() + 2); }),
              HasSubstr("X-Tenant is signed, but not there once"));
  EXPECT_THAT(changed([](Sent& s) { s.headers.emplace_back("x-tenant", "t-1"); }),
              HasSubstr("not there once"));
  EXPECT_THAT(ask(policy_, good("bbbbbbbbbbbbbbbb")).verdict, other);
  EXPECT_THAT(ask(policy_, good("another secret that is long")).verdict, other);
}

TEST_F(CanonicalHmac, RefusesHeadersThatSayItTwiceOrNotAsTheyShould) {
  auto with = [this](const std::string& name, std::optional<std::string> value, bool add = false) {
    Sent sent = good();
    for (auto& header : sent.headers) {
      if (header.first == name && value && !add) header.second = *value;
    }
    if (!value) std::erase_if(sent.headers, [&](auto& header) { return header.first == name; });
    if (add) sent.headers.emplace_back(name, *value);
    return ask(policy_, sent).verdict;
  };
  const std::string mac = base64_encode(mac_of("x", kSecret, MacHash::sha512));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig=" + mac, true), HasSubstr("twice"));
  EXPECT_EQ(with("Authorization", "Bearer abc"), "no credentials") << "another scheme's";
  EXPECT_EQ(with("Authorization", "ACME-HMAC "), "no credentials");
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a"), HasSubstr("lacks its parameter"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig="), HasSubstr("malformed"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig=\"" + mac), HasSubstr("malformed"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,id=b,sig=" + mac), HasSubstr("one key id"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC sig=" + mac), HasSubstr("one key id"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=c,sig=" + mac), HasSubstr("not known"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig=" + mac.substr(4)),
              HasSubstr("not written"));
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig=" + base64_encode(mac_of("x"))),
              HasSubstr("not written"))
      << "of SHA-256";
  EXPECT_THAT(with("Authorization", "ACME-HMAC id=a,sig=" + in_hex(mac_of("x"))),
              HasSubstr("not written"));
  EXPECT_THAT(with("X-Time", std::nullopt), HasSubstr("one timestamp"));
  EXPECT_THAT(with("X-Time", seconds(), true), HasSubstr("one timestamp"));
  EXPECT_THAT(with("X-Time", seconds()), HasSubstr("not written"));
  EXPECT_THAT(with("X-Time", "2020-01-01T00:00:00Z"), HasSubstr("too old"));
  EXPECT_THAT(with("X-Time", "2120-01-01T00:00:00Z"), HasSubstr("in the future"));
  EXPECT_THAT(with("X-Nonce", std::nullopt), HasSubstr("one nonce"));
  EXPECT_THAT(with("X-Nonce", std::string(300, 'n')), HasSubstr("too long"));
}

// ---- gaps ----

TEST(Hmac, RefusesWhatItsSignatureDoesNotCover) {
  PolicyFixture webhook("authenticate", block(R"("preset": "github", "replay": "allowed")"));
  const std::string of_nothing = "sha256=" + hex_of("");
  EXPECT_THAT(
      ask(webhook, {.method = "GET", .headers = {{"X-Hub-Signature-256", of_nothing}}}).verdict,
      HasSubstr("there is no body"));
  EXPECT_THAT(
      ask(webhook, {.headers = {{"X-Hub-Signature-256", of_nothing}}, .body = {{""}}}).verdict,
      HasSubstr("the body is empty"));
  const std::string pathly = R"("signature": "X-Signature", "timestamp": "X-Time",
                                "sign": ["method", "path", "timestamp"])";
  PolicyFixture path("authenticate", block(pathly));
  ASSERT_EQ(path.errors, "");
  auto sent = [](const std::string& target) {
    const std::string time = seconds();
    return Sent{.target = target,
                .headers = {{"X-Time", time}, {"X-Signature", hex_of("POST\n/hooks\n" + time)}}};
  };
  EXPECT_THAT(ask(path, sent("/hooks?all=1")).verdict, HasSubstr("query, which is not signed"));
  Sent with_body = sent("/hooks");
  with_body.body = {{"x"}};
  EXPECT_THAT(ask(path, with_body).verdict, HasSubstr("body, which is not signed"));
  EXPECT_EQ(ask(path, sent("/hooks")).verdict, "passed");
  PolicyFixture open("authenticate",
                     block(pathly + R"(, "replay": "allowed", "unsigned_body": true)"));
  EXPECT_EQ(ask(open, with_body).verdict, "passed");
}

TEST(Hmac, ABodyThatIsTooLargeIsRefusedAndOneThatFailsIsNoOther) {
  PolicyFixture policy("authenticate",
                       block(R"("preset": "github", "replay": "allowed", "body_limit": 8)"));
  auto sent = [](std::vector<std::string> pieces, const std::string& whole) {
    return Sent{.headers = {{"X-Hub-Signature-256", "sha256=" + hex_of(whole)}},
                .body = std::move(pieces)};
  };
  EXPECT_EQ(ask(policy, sent({"1234", "5678"}, "12345678")).verdict, "passed");
  const Outcome large = ask(policy, sent({"1234", "56789", "0"}, "1234567890"));
  EXPECT_EQ(large.reason, "authenticate.body_too_large");
  EXPECT_EQ(large.upstream, "1234567890") << "where verdicts are only watched, it goes on";

  ExchangeFixture f;
  PiecesBody broken({"1234", "5678"});
  constexpr static Reason kBroken{"test.broken", 400, "Broken."};
  broken.fail_with(kBroken);
  f.request("POST", "/hooks").header("X-Hub-Signature-256", "sha256=" + hex_of("1234"));
  f.body(broken);
  EXPECT_EQ(policy.request(f), "test.broken");
  EXPECT_EQ(drain(*f.x.request.body), "!test.broken");
}

TEST(Hmac, AnotherSpellingOfTheSignatureIsStillAReplay) {
  PolicyFixture policy("authenticate", block(R"("preset": "stripe")",
                                             R"("shop": {"secret": [)" + reference(kSecret) + ", " +
                                                 reference(kOld) + "]}"));
  const std::string time = seconds();
  const std::string body = fresh();
  const std::string text = time + "." + body;
  auto signed_by = [&](std::string mac) {
    return ask(policy,
               {.headers = {{"Stripe-Signature", "t=" + time + ",v1=" + mac}}, .body = {{body}}})
        .verdict;
  };
  std::string upper = hex_of(text);
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_EQ(signed_by(hex_of(text)), "passed");
  EXPECT_THAT(signed_by(upper), HasSubstr("sent before"));
  EXPECT_THAT(signed_by(hex_of(text, kOld)), HasSubstr("sent before")) << "the other secret";
}

// ---- what a configuration may not say ----

TEST(Hmac, SaysWhatLeavesAGap) {
  auto errors = [](const std::string& more, const std::string& keys = "") {
    return PolicyFixture("authenticate", block(more, keys)).errors;
  };
  const std::string placed = R"("signature": "S", "timestamp": "T", )";
  const std::pair<std::string, std::string> cases[] = {
      {R"("sign": "body")", "where the signature stands"},
      {R"("signature": "S", "timestamp": "T")", "what is signed"},
      {R"("signature": "S", "sign": "body")", "has no `timestamp`"},
      {R"("preset": "github")", "has no `timestamp`"},
      {placed + R"("sign": "timestamp")", "neither the path nor the body"},
      {placed + R"("sign": ["target", "timestamp"])", "not the method"},
      {placed + R"("sign": "body")", "has `timestamp`, but does not sign it"},
      {placed + R"("nonce": "N", "sign": ["timestamp", "body"])", "has `nonce`"},
      {placed + R"("sign": ["timestamp", "nonce", "body"])", "does not say where"},
      {placed + R"("sign": ["body", "timestamp"])", "has to be last"},
      {placed + R"("sign": ["timestamp", "body"], "separator": "")", "`timestamp` in front"},
      {placed + R"("sign": ["timestamp", "body"], "separator": "0")", "`timestamp` in front"},
      {placed + R"("sign": ["timestamp", "body"], "separator": ".",
                   "timestamp_format": "http_date")",
       "`timestamp` in front"},
      {placed + R"("sign": ["timestamp", "method", "target", "body"], "separator": " ")",
       "`target` in front"},
      {placed + R"("sign": ["timestamp", "method", "target"], "separator": ".")",
       "`method` in front"},
      {placed + R"("sign": ["timestamp", "header:X-A", "body"], "separator": ":")",
       "`header:X-A` in front"},
      {placed + R"("sign": ["timestamp", "verb"])", "is none of"},
      {placed + R"("sign": ["timestamp", "header:a b"])", "names no header"},
      {placed + R"("sign": ["timestamp", "body"], "body_limit": "17MiB")", "must be from"},
  };
  for (const auto& [more, what] : cases) EXPECT_THAT(errors(more), HasSubstr(what)) << more;
  EXPECT_EQ(errors(placed + R"("sign": ["timestamp", "method", "target"], "separator": ":")"), "");
  const std::string stripe = R"("preset": "stripe")";
  const std::string in_short = errors(stripe, R"("a": {"secret": "${=fifteen bytes..}"})");
  EXPECT_THAT(in_short, HasSubstr("15 bytes"));
  EXPECT_THAT(in_short, ::testing::Not(HasSubstr("fifteen"))) << "no secret in a message";
  EXPECT_THAT(errors(stripe, R"("a": {"secret": [)" + reference(kSecret) + R"(, "${=short}"]})"),
              HasSubstr("5 bytes"));
  EXPECT_THAT(errors(stripe, R"("a": {"secret": )" + reference(kOld) + R"(}, "b": {"secret": )" +
                                 reference(kSecret) + "}"),
              HasSubstr("several keys"));
  EXPECT_THAT(PolicyFixture("authenticate", R"({"hmac": {"keys": {}, "preset": "stripe"}})").errors,
              HasSubstr("has no keys"));
}

TEST(HmacTimestamps, AreReadInOneSpelling) {
  using enum policies::authenticate_detail::TimestampFormat;
  using policies::authenticate_detail::timestamp_of;
  EXPECT_EQ(timestamp_of("784111777", unix), 784111777000);
  EXPECT_EQ(timestamp_of("784111777000", unix_milliseconds), 784111777000);
  EXPECT_EQ(timestamp_of("Sun, 06 Nov 1994 08:49:37 GMT", http_date), 784111777000);
  EXPECT_EQ(timestamp_of("1994-11-06T08:49:37Z", rfc3339), 784111777000);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.5", "1e9", "0x1", "9999999999999999"}) {
    EXPECT_FALSE(timestamp_of(text, unix)) << text;
  }
  for (const char* text : {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun,  6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    EXPECT_FALSE(timestamp_of(text, http_date)) << text;
  }
}

}  // namespace
}  // namespace sallyport
