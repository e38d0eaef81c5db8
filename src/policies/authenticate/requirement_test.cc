#include "policies/authenticate/requirement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using policies::authenticate_detail::combine;
using ::testing::HasSubstr;

const jose::Key& key_of_partner() {
  static const jose::Key key = *jose::Key::generate(jose::Algorithm::es256, "two");
  return key;
}

// Tokens of two issuers' keys, in two places of a request.
std::string both(const std::string& key, const std::string& more = "") {
  return "{\"" + key + "\": [" + jwt(R"(, "from": {"cookie": "session"})", key_of_partner()) +
         ", " + jwt() + "]" + more + "}";
}

std::string of_consumer(std::string_view name) {
  return R"({"iss":"https://login","aud":"orders","sub":")" + std::string(name) + R"(","exp":)" +
         std::to_string(in_seconds(300)) + "}";
}

ExchangeFixture& bring(ExchangeFixture& f, const std::string& cookie, const std::string& header) {
  if (!cookie.empty()) f.header("Cookie", "session=" + cookie + "; other=1");
  if (!header.empty()) f.header("Authorization", "Bearer " + header);
  return f;
}

TEST(Requirement, AllHaveToBeProven) {
  PolicyFixture policy("authenticate", both("all"));
  ASSERT_EQ(policy.errors, "");
  const std::string first = signed_with(key_of_partner(), of_consumer("u-1"));
  const std::string second = signed_with(key_of_login(), of_consumer("u-1"));
  struct Case {
    std::string cookie, header, verdict;
  };
  const Case cases[] = {
      {first, second, "passed"},
      {"", second, "authenticate.missing"},
      {first, "", "authenticate.missing"},
      {"", "", "authenticate.missing"},
      {first, first, "authenticate.invalid"},
      {second, second, "authenticate.invalid"},
      {first, signed_with(key_of_login(), of_consumer("u-2")), "authenticate.invalid"},
  };
  for (const Case& c : cases) {
    ExchangeFixture f;
    EXPECT_EQ(policy.request(bring(f, c.cookie, c.header)), c.verdict);
    EXPECT_EQ(f.x.identity.has_value(), c.verdict == "passed");
  }
}

TEST(Requirement, CredentialsStayInTheRequestUntilEverythingIsProven) {
  PolicyFixture policy(
      "authenticate",
      "[" + both("all") + ", " + jwt(R"(, "from": {"cookie": "session"})", key_of_partner()) + "]");
  ASSERT_EQ(policy.errors, "");
  const std::string first = signed_with(key_of_partner(), of_consumer("u-1"));
  ExchangeFixture both_there;
  bring(both_there, first, signed_with(key_of_login(), of_consumer("u-1")));
  EXPECT_EQ(policy.request(both_there), "passed");
  EXPECT_EQ(both_there.request_values("Cookie"), "other=1");
  EXPECT_EQ(both_there.request_values("Authorization"), "(none)");
  // The first way fails after its first half was proven; the second needs what that half read.
  ExchangeFixture one_there;
  bring(one_there, first, "nonsense");
  EXPECT_EQ(policy.request(one_there), "passed");
  EXPECT_EQ(one_there.request_values("Cookie"), "other=1");
  EXPECT_EQ(one_there.request_values("Authorization"), "(none)");
}

// Ways to prove it that nobody needed, and what the upstream gets of them.
TEST(Requirement, CredentialsThatNobodyNeededDoNotReachTheUpstream) {
  struct Case {
    std::string first, second;  // methods; the first is proven
    std::string first_place, first_left;
    std::string second_place, second_value, second_left;
  };
  const std::string good = good_token();
  const std::string partner = signed_with(key_of_partner(), of_consumer("u-1"));
  const std::string cookie = jwt(R"(, "from": {"cookie": "session"})", key_of_partner());
  const std::vector<Case> cases = {
      {jwt(), cookie, "Authorization", "(none)", "Cookie", "session=" + partner + "; a=1", "a=1"},
      {jwt(R"(, "forward": true)"), cookie, "Authorization", "Bearer " + good, "Cookie",
       "session=nonsense", "(none)"},
      {jwt(), jwt(R"(, "from": {"cookie": "session"}, "forward": true)", key_of_partner()),
       "Authorization", "(none)", "Cookie", "session=" + partner, "session=" + partner},
      {jwt(R"(, "from": {"header": "X-Token"})"), jwt("", key_of_partner()), "X-Token", "(none)",
       "Authorization", "bearer\t" + partner, "(none)"},
      // What is no credential of any of them.
      {jwt(R"(, "from": {"header": "X-Token"})"), jwt("", key_of_partner()), "X-Token", "(none)",
       "Authorization", "Custom " + partner, "Custom " + partner},
      // What the one that proved the caller forwards, another that reads it too does not take away.
      {jwt(R"(, "forward": true)"), jwt("", key_of_partner()), "Authorization", "Bearer " + good,
       "X-Other", "1", "1"},
  };
  for (const Case& c : cases) {
    PolicyFixture policy("authenticate", "[" + c.first + ", " + c.second + "]");
    ASSERT_EQ(policy.errors, "");
    ExchangeFixture f;
    f.header(c.first_place, "Bearer " + good).header(c.second_place, c.second_value);
    EXPECT_EQ(policy.request(f), "passed") << c.first << c.second;
    EXPECT_EQ(f.request_values(c.first_place), c.first_left) << c.first << c.second;
    EXPECT_EQ(f.request_values(c.second_place), c.second_left) << c.first << c.second;
  }
}

TEST(Requirement, NestsBothWaysRound) {
  PolicyFixture policy(
      "authenticate", R"({"all": [)" + jwt(R"(, "from": {"cookie": "session"})", key_of_partner()) +
                          R"(, {"any": [)" + jwt(R"(, "from": {"header": "X-Token"})") + ", " +
                          jwt() + "]}]}");
  ASSERT_EQ(policy.errors, "");
  const std::string first = signed_with(key_of_partner(), of_consumer("u-1"));
  const std::string second = signed_with(key_of_login(), of_consumer("u-1"));
  for (const char* header : {"X-Token", "Authorization"}) {
    ExchangeFixture f;
    f.header("Cookie", "session=" + first).header(header, "Bearer " + second);
    EXPECT_EQ(policy.request(f), "passed") << header;
  }
  ExchangeFixture f;
  f.header("X-Token", "Bearer " + second);
  EXPECT_EQ(policy.request(f), "authenticate.missing");
}

TEST(Requirement, SaysWhatIsWrongWithACombination) {
  EXPECT_THAT(PolicyFixture("authenticate", R"({"all": [)" + jwt() + "]}").errors, HasSubstr("2"));
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += (i == 0 ? "" : ", ") + jwt();
  EXPECT_THAT(PolicyFixture("authenticate", "[" + nine + "]").errors, HasSubstr("up to 8"));
  EXPECT_THAT(PolicyFixture("authenticate", R"({"all": [{}, )" + jwt() + "]}").errors,
              HasSubstr("is needed"));
}

class Combine : public ::testing::Test {
 protected:
  ExchangeFixture f_;
  json::Document claims_ = *json::Document::parse("{}");
  Identity certificate_{.method = "mtls",
                        .consumer = "shop",
                        .subject = "CN=shop",
                        .strength = Strength::certificate};
  Identity token_{.method = "jwt",
                  .subject = "u-1",
                  .issuer = "https://login",
                  .strength = Strength::token,
                  .scheme = "Bearer",
                  .claims = claims_.root()};
};

TEST_F(Combine, TakesTheConsumerOfOneAndTheClaimsOfTheOther) {
  for (bool token_first : {true, false}) {
    Identity who = token_first ? token_ : certificate_;
    ASSERT_EQ(combine(who, token_first ? certificate_ : token_, f_.x.arena), "");
    EXPECT_EQ(who.consumer, "shop");
    EXPECT_EQ(who.subject, "u-1");
    EXPECT_EQ(who.issuer, "https://login");
    EXPECT_EQ(who.method, "jwt");
    EXPECT_EQ(who.scheme, "Bearer");
    EXPECT_EQ(who.strength, Strength::certificate);
    EXPECT_TRUE(who.claims);
  }
}

TEST_F(Combine, RefusesTwoConsumers) {
  token_.consumer = "other";
  EXPECT_THAT(combine(certificate_, token_, f_.x.arena), HasSubstr("different consumers"));
}

TEST_F(Combine, RefusesTwoSubjectsOfOneIssuer) {
  // As where the claim of the consumer is that of the application that both use.
  token_.consumer = "app";
  Identity another = token_;
  another.subject = "u-2";
  Identity who = token_;
  EXPECT_THAT(combine(who, another, f_.x.arena), HasSubstr("different subjects"));
  another.issuer = "https://elsewhere";
  EXPECT_EQ(combine(who, another, f_.x.arena), "") << "who calls people by names of its own";
  another = token_;
  another.subject = "";
  EXPECT_EQ(combine(who, another, f_.x.arena), "") << "the token of an application";
}

TEST_F(Combine, RefusesTwoSubjectsOfOneMethodOfTheGateways) {
  Identity first{.method = "external_auth", .subject = "ann"};
  Identity second{.method = "external_auth", .subject = "bob"};
  EXPECT_THAT(combine(first, second, f_.x.arena), HasSubstr("different subjects"));
  EXPECT_EQ(combine(first, certificate_, f_.x.arena), "") << "a certificate has a name of its own";
}

TEST_F(Combine, OfTwoWithoutClaimsTheFirstCounts) {
  Identity key{.method = "api_key", .consumer = "shop", .subject = "k-1"};
  ASSERT_EQ(combine(key, certificate_, f_.x.arena), "");
  EXPECT_EQ(key.method, "api_key");
  EXPECT_EQ(key.subject, "k-1");
  EXPECT_EQ(key.strength, Strength::certificate);
}

}  // namespace
}  // namespace sallyport
