#include "policies/authenticate/way.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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

TEST(Way, AllHaveToBeProven) {
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

TEST(Way, CredentialsStayInTheRequestUntilEverythingIsProven) {
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
  EXPECT_EQ(one_there.request_values("Authorization"), "Bearer nonsense");
}

TEST(Way, NestsBothWaysRound) {
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

TEST(Way, SaysWhatIsWrongWithACombination) {
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
    ASSERT_TRUE(combine(who, token_first ? certificate_ : token_, f_.x.arena));
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
  EXPECT_FALSE(combine(certificate_, token_, f_.x.arena));
}

TEST_F(Combine, OfTwoWithoutClaimsTheFirstCounts) {
  Identity key{.method = "api_key", .consumer = "shop", .subject = "k-1"};
  ASSERT_TRUE(combine(key, certificate_, f_.x.arena));
  EXPECT_EQ(key.method, "api_key");
  EXPECT_EQ(key.subject, "k-1");
  EXPECT_EQ(key.strength, Strength::certificate);
}

}  // namespace
}  // namespace sallyport
