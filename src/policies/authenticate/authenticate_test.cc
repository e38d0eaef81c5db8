#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of

TEST(Authenticate, SaysWhoIsCallingAndTakesTheTokenAway) {
  PolicyFixture policy("authenticate", jwt(R"(, "claims": {"roles": "realm.roles"})"));
  ASSERT_EQ(policy.errors, "");
  const std::string token = good_token();
  for (int i = 0; i < 2; ++i) {  // verified, and remembered
    ExchangeFixture f;
    ASSERT_EQ(asked(policy, f, token), "passed");
    ASSERT_TRUE(f.x.identity);
    EXPECT_EQ(f.x.identity->method, "jwt");
    EXPECT_EQ(f.x.identity->consumer, "u-1");
    EXPECT_EQ(f.x.identity->subject, "u-1");
    EXPECT_EQ(f.x.identity->issuer, "https://login");
    EXPECT_EQ(f.x.identity->client, "app");
    EXPECT_EQ(f.x.identity->strength, Strength::token);
    EXPECT_THAT(f.x.identity->scopes, ElementsAre("orders:read", "orders:write"));
    EXPECT_THAT(f.x.identity->roles, ElementsAre("clerk", "admin"));
    EXPECT_EQ(f.x.identity->claims->find("sub")->string(), "u-1");
    EXPECT_EQ(f.request_values("Authorization"), "(none)");
  }
}

TEST(Authenticate, RefusesWithAChallenge) {
  PolicyFixture policy("authenticate", jwt());
  ExchangeFixture none;
  EXPECT_EQ(policy.request(none), "authenticate.missing");
  none.x.reason = none.x.trail.entries().back().reason;  // as the gateway does
  EXPECT_EQ(policy.response(none), "passed");
  EXPECT_EQ(none.response_values("WWW-Authenticate"), "Bearer");
  EXPECT_FALSE(none.x.identity);
  ExchangeFixture bad;
  EXPECT_EQ(asked(policy, bad, "nonsense"), "authenticate.invalid");
  bad.x.reason = bad.x.trail.entries().back().reason;
  EXPECT_EQ(policy.response(bad), "passed");
  EXPECT_EQ(bad.response_values("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  ExchangeFixture basic;
  basic.header("Authorization", "Basic dTpw");
  EXPECT_EQ(policy.request(basic), "authenticate.missing");
}

TEST(Authenticate, RefusesWhatProvesNothing) {
  PolicyFixture policy("authenticate", jwt());
  const jose::Key stranger = *jose::Key::generate(jose::Algorithm::es256, "one");
  const std::string secret = key_of_login().to_public_jwk();
  const jose::Key shared = *jose::Key::from_secret(std::string(64, 's'), "one");
  std::string unsigned_token = good_token();
  unsigned_token.erase(unsigned_token.rfind('.') + 1);
  const std::string none = "eyJhbGciOiJub25lIn0" + good_token().substr(good_token().find('.'));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {signed_with(key_of_login(), claims("https://other")), "wrong_issuer"},
      {signed_with(key_of_login(), claims("https://login", "invoices")), "wrong_audience"},
      {signed_with(key_of_login(), claims("https://login", "orders", in_seconds(-120))), "expired"},
      {signed_with(key_of_login(), R"({"iss":"https://login","aud":"orders"})"), "missing_claim"},
      {signed_with(stranger, claims()), "bad_signature"},
      {signed_with(shared, claims(), jose::Algorithm::hs256), "algorithm_not_allowed"},
      {none, "algorithm_not_allowed"},
      {unsigned_token, "bad_signature"},
      {good_token() + "x", ""},
      {"..", ""},
  };
  for (const auto& [token, why] : cases) {
    ExchangeFixture f;
    EXPECT_EQ(asked(policy, f, token), "authenticate.invalid") << token;
    EXPECT_THAT(std::string(f.x.trail.entries().back().detail), HasSubstr(why)) << token;
    EXPECT_FALSE(f.x.identity);
  }
}

TEST(Authenticate, RefusesTwoCredentialsOfWhichAnyCouldCount) {
  PolicyFixture policy("authenticate", jwt());
  ExchangeFixture f;
  f.header("Authorization", "Bearer " + good_token());
  EXPECT_EQ(asked(policy, f, good_token()), "authenticate.invalid");
  PolicyFixture cookies("authenticate", jwt(R"(, "from": {"cookie": "session"})"));
  ExchangeFixture twice;
  twice.header("Cookie", "session=" + good_token() + "; session=" + good_token());
  EXPECT_EQ(cookies.request(twice), "authenticate.invalid");
}

TEST(Authenticate, ReadsACookieAndLeavesTheOthers) {
  PolicyFixture policy("authenticate", jwt(R"(, "from": {"cookie": "session"})"));
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.header("Cookie", "a=1; session=" + good_token() + ";b=2");
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(f.request_values("Cookie"), "a=1; b=2");
  ExchangeFixture alone;
  alone.header("Cookie", "session=" + good_token());
  EXPECT_EQ(policy.request(alone), "passed");
  EXPECT_EQ(alone.request_values("Cookie"), "(none)");
  ExchangeFixture header;
  EXPECT_EQ(asked(policy, header, good_token()), "authenticate.missing");
}

TEST(Authenticate, PagesOfOtherSitesChangeNothingByACookie) {
  const std::string in_cookie = R"("from": {"cookie": "session")";
  PolicyFixture policy("authenticate", jwt(", " + in_cookie + "}"));
  PolicyFixture trusting(
      "authenticate", jwt(", " + in_cookie + R"(, "trusted_origins": "https://app.example.com"})"));
  ASSERT_EQ(policy.errors + trusting.errors, "");
  struct Case {
    const char *method, *site, *origin;
    std::string verdict, trusted;
  };
  const std::string no = "authenticate.cross_site";
  const std::vector<Case> cases = {
      {"GET", "cross-site", "https://evil.example", "passed", "passed"},
      {"POST", "same-origin", "", "passed", "passed"},
      {"POST", "cross-site", "https://evil.example", no, no},
      {"POST", "same-site", "https://app.example.com", no, "passed"},
      {"DELETE", "", "https://api.example.com", "passed", "passed"},
      {"DELETE", "", "", no, no},
  };
  for (const Case& c : cases) {
    for (const bool trusts : {false, true}) {
      ExchangeFixture f;
      f.x.tls.on = true;
      f.request(c.method, "/").header("Cookie", "session=" + good_token());
      if (*c.site != '\0') f.header("Sec-Fetch-Site", c.site);
      if (*c.origin != '\0') f.header("Origin", c.origin);
      EXPECT_EQ((trusts ? trusting : policy).request(f), trusts ? c.trusted : c.verdict)
          << c.method << ' ' << c.site << ' ' << c.origin;
    }
  }
  ExchangeFixture header;
  PolicyFixture plain("authenticate", jwt());
  header.request("POST", "/").header("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(asked(plain, header, good_token()), "passed") << "nothing that a browser sends itself";
  EXPECT_THAT(PolicyFixture("authenticate",
                            jwt(R"(, "from": {"trusted_origins": "https://app.example.com"})"))
                  .errors,
              HasSubstr("no `cookie`"));
  EXPECT_THAT(PolicyFixture("authenticate",
                            jwt(", " + in_cookie + R"(, "trusted_origins": "app.example.com"})"))
                  .errors,
              HasSubstr("is not an origin"));
}

TEST(Authenticate, ForwardsTheTokenWhereThatIsAskedFor) {
  PolicyFixture policy("authenticate", jwt(R"(, "forward": true)"));
  ExchangeFixture f;
  const std::string token = good_token();
  EXPECT_EQ(asked(policy, f, token), "passed");
  EXPECT_EQ(f.request_values("Authorization"), "Bearer " + token);
}

TEST(Authenticate, OneOfSeveralWaysIsEnough) {
  const jose::Key partner = *jose::Key::generate(jose::Algorithm::eddsa, "two");
  PolicyFixture policy("authenticate", "[" + jwt() + ", " + jwt("", partner, "invoices") + "]");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture first;
  EXPECT_EQ(asked(policy, first, good_token()), "passed");
  ExchangeFixture second;
  EXPECT_EQ(
      asked(policy, second,
            signed_with(partner, claims("https://login", "invoices"), jose::Algorithm::eddsa)),
      "passed");
  ExchangeFixture crossed;
  EXPECT_EQ(asked(policy, crossed, signed_with(partner, claims(), jose::Algorithm::eddsa)),
            "authenticate.invalid");
}

TEST(Authenticate, AcceptsOnlyTheAlgorithmsThatAreNamed) {
  PolicyFixture policy("authenticate", jwt(R"(, "algorithms": ["RS256"])"));
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  EXPECT_EQ(asked(policy, f, good_token()), "authenticate.invalid");
  EXPECT_THAT(PolicyFixture("authenticate", jwt(R"(, "algorithms": ["none"])")).errors,
              HasSubstr("is not one of HS256"));
}

TEST(Authenticate, SaysWhatIsWrongWithItsKeys) {
  auto with_keys = [](const std::string& keys) {
    return PolicyFixture("authenticate",
                         R"({"jwt": {"issuer": "i", "audience": "a", "keys": )" + keys + "}}")
        .errors;
  };
  EXPECT_THAT(with_keys(R"({"inline": "{}"})"), HasSubstr("names no key that can be used"));
  EXPECT_THAT(with_keys(R"({"jwks": "/no/such/file"})"), HasSubstr("cannot read /no/such/file"));
  EXPECT_THAT(with_keys("{}"), HasSubstr("they cannot be found by the issuer"));
  EXPECT_THAT(with_keys(R"({"url": "http://login.example.com/keys"})"), HasSubstr("https://"));
  EXPECT_THAT(PolicyFixture("authenticate", "{}").errors, HasSubstr("is needed"));
}

}  // namespace
}  // namespace sallyport
