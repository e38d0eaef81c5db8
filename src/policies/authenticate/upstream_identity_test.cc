#include "policies/authenticate/upstream_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/base64url.h"
#include "jose/token.h"
#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using ::testing::HasSubstr;

constexpr std::string_view kPrivate = R"({"kty":"EC","crv":"P-256","kid":"gw",
  "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";

// A file that goes away with the test.
class KeyFile {
 public:
  explicit KeyFile(std::string_view content)
      : name("/tmp/upstream_identity_test." + std::to_string(::getpid())) {
    std::ofstream(name) << content;
  }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile() { std::remove(name.c_str()); }
  const std::string name;
};

std::string with_identity(const std::string& identity) {
  std::string block = jwt(R"(, "claims": {"roles": "realm.roles"})");
  block.insert(block.size() - 1, ", \"identity\": " + identity);
  return block;
}

TEST(UpstreamIdentity, WritesFactsIntoHeaders) {
  PolicyFixture policy("authenticate", with_identity(R"({"headers": {"consumer": "X-Consumer",
    "issuer": "X-Issuer", "client": "X-Client", "method": "X-Method", "strength": "X-Strength",
    "scopes": "X-Scopes", "roles": "X-Roles", "groups": "X-Groups",
    "claims": {"exp": "X-Exp", "realm.roles": "X-All", "realm": "X-Realm", "none": "X-None"}}})"));
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.header("X-Consumer", "admin").header("x-groups", "root").header("X-CONSUMER", "root");
  const std::int64_t expires = in_seconds(300);
  ASSERT_EQ(
      asked(policy, f, signed_with(key_of_login(), claims("https://login", "orders", expires))),
      "passed");
  EXPECT_EQ(f.request_values("X-Consumer"), "u-1");
  EXPECT_EQ(f.request_values("X-Issuer"), "https://login");
  EXPECT_EQ(f.request_values("X-Client"), "app");
  EXPECT_EQ(f.request_values("X-Method"), "jwt");
  EXPECT_EQ(f.request_values("X-Strength"), "token");
  EXPECT_EQ(f.request_values("X-Scopes"), "orders:read,orders:write");
  EXPECT_EQ(f.request_values("X-Roles"), "clerk,admin");
  EXPECT_EQ(f.request_values("X-Groups"), "(none)");
  EXPECT_EQ(f.request_values("X-Exp"), std::to_string(expires));
  EXPECT_EQ(f.request_values("X-All"), "clerk,admin");
  EXPECT_EQ(f.request_values("X-Realm"), R"({"roles":["clerk","admin"]})");
  EXPECT_EQ(f.request_values("X-None"), "(none)");
}

TEST(UpstreamIdentity, NothingInAClaimGetsOutOfItsHeader) {
  PolicyFixture policy("authenticate", with_identity(R"({"headers": {"consumer": "X-Consumer",
    "claims": {"list": "X-List"}}})"));
  const std::string payload =
      R"({"iss":"https://login","aud":"orders","sub":"a\r\nX-Admin: 1\u0000 %é,b","exp":)" +
      std::to_string(in_seconds(300)) + R"(,"list":["a,b","c d","\n"]})";
  ExchangeFixture f;
  ASSERT_EQ(asked(policy, f, signed_with(key_of_login(), payload)), "passed");
  EXPECT_EQ(f.request_values("X-Consumer"), "a%0D%0AX-Admin:%201%00%20%25%C3%A9,b");
  EXPECT_EQ(f.request_values("X-List"), "a%2Cb,c%20d,%0A");
}

TEST(UpstreamIdentity, SignsAShortLivedToken) {
  const KeyFile file(kPrivate);
  PolicyFixture policy(
      "authenticate",
      with_identity(R"({"signed": {"audience": "orders-internal", "key": ")" + file.name + "\"}}"));
  ASSERT_EQ(policy.errors, "");
  const std::string token = good_token();
  std::string first;
  for (int i = 0; i < 2; ++i) {
    ExchangeFixture f;
    f.header("X-Identity", "forged");
    ASSERT_EQ(asked(policy, f, token), "passed");
    if (i == 1) EXPECT_EQ(f.request_values("X-Identity"), first);  // made once
    first = f.request_values("X-Identity");
  }
  auto document = json::Document::parse(kPrivate);
  std::vector<jose::Key> keys;
  keys.push_back(*jose::Key::from_jwk(document->root()));
  const jose::Expectations expected{.issuers = {"sallyport"}, .audiences = {"orders-internal"}};
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto read = jose::verify(first, jose::KeySet::of(std::move(keys)), expected, now);
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(read->header().find("kid")->string(), "gw");
  EXPECT_EQ(read->subject(), "u-1");
  EXPECT_EQ(read->claims().find("consumer")->string(), "u-1");
  EXPECT_EQ(read->claims().find("subject_issuer")->string(), "https://login");
  EXPECT_EQ(read->claims().find("scope")->string(), "orders:read orders:write");
  EXPECT_EQ(read->claims().find("strength")->string(), "token");
  EXPECT_EQ(*read->expires_at() - *read->issued_at(), std::chrono::seconds(60));
  EXPECT_FALSE(jose::verify(first, jose::KeySet::of({}), expected, now));
}

TEST(UpstreamIdentity, TokensOfDifferentCallersDiffer) {
  const KeyFile file(kPrivate);
  PolicyFixture policy("authenticate",
                       with_identity(R"({"signed": {"key": ")" + file.name + "\"}}"));
  ExchangeFixture a, b;
  ASSERT_EQ(asked(policy, a, good_token()), "passed");
  const std::string other = R"({"iss":"https://login","aud":"orders","sub":"u-2","exp":)" +
                            std::to_string(in_seconds(300)) + "}";
  ASSERT_EQ(asked(policy, b, signed_with(key_of_login(), other)), "passed");
  EXPECT_NE(a.request_values("X-Identity"), b.request_values("X-Identity"));
}

TEST(UpstreamIdentity, SaysWhatCannotBe) {
  auto errors = [](const std::string& identity) {
    return PolicyFixture("authenticate", with_identity(identity)).errors;
  };
  EXPECT_THAT(errors("{}"), HasSubstr("names nothing"));
  EXPECT_THAT(errors(R"({"headers": {"consumer": "Host"}})"), HasSubstr("meaning of its own"));
  EXPECT_THAT(errors(R"({"headers": {"consumer": "a b"}})"), HasSubstr("not a name"));
  EXPECT_THAT(errors(R"({"headers": {"claims": {"a": "Connection"}}})"),
              HasSubstr("meaning of its own"));
  EXPECT_THAT(errors(R"({"headers": {"consumer": "X-A", "subject": "x_a"}})"),
              HasSubstr("gives two things"));
  EXPECT_THAT(errors(R"({"signed": {"key": "/no/such/file"}})"), HasSubstr("cannot read"));
  const KeyFile garbage("garbage");
  EXPECT_THAT(errors(R"({"signed": {"key": ")" + garbage.name + "\"}}"),
              HasSubstr("no private key in it"));
  const KeyFile file(kPrivate);
  EXPECT_THAT(errors(R"({"signed": {"algorithm": "RS256", "key": ")" + file.name + "\"}}"),
              HasSubstr("made for ES256"));
}

}  // namespace
}  // namespace sallyport
