#include "policies/authenticate/challenges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using ::testing::HasSubstr;

const std::string kResource = R"("resource": {"identifier": "https://api.example.com/orders",
  "scopes": ["orders:read"], "name": "Orders"})";

// What the client is told when the policy refuses `f`, or has been refused by another for `reason`.
std::string told(const PolicyFixture& policy, ExchangeFixture& f, const Reason* reason = nullptr) {
  (void)policy.request(f);
  f.x.reason = reason != nullptr ? reason : f.x.trail.entries().back().reason;
  EXPECT_EQ(policy.response(f), "passed");
  return f.response_values("WWW-Authenticate");
}

std::string with(const std::string& more) {
  std::string block = jwt();
  block.insert(block.size() - 1, ", " + more);
  return block;
}

TEST(Challenges, NameRealmErrorAndMetadata) {
  PolicyFixture policy("authenticate", with(R"("realm": "orders", )" + kResource));
  ASSERT_EQ(policy.errors, "");
  const std::string metadata =
      "resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource/orders\"";
  ExchangeFixture none;
  EXPECT_EQ(told(policy, none), R"(Bearer realm="orders", )" + metadata);
  ExchangeFixture bad;
  bad.header("Authorization", "Bearer nonsense");
  EXPECT_EQ(told(policy, bad), R"(Bearer error="invalid_token", realm="orders", )" + metadata);
}

TEST(Challenges, OnesOfOtherPoliciesAreCompletedAndTheUpstreamsAreLeftAlone) {
  PolicyFixture policy("authenticate", with(R"("realm": "orders")"));
  constexpr Reason kDenied{"authorize.insufficient_scope", 403, "No."};
  ExchangeFixture denied;
  denied.header("Authorization", "Bearer " + good_token());
  denied.response_header("WWW-Authenticate", R"(Bearer error="insufficient_scope", scope="a")");
  denied.response_header("WWW-Authenticate", "Bearerish");
  EXPECT_EQ(told(policy, denied, &kDenied),
            R"(Bearer error="insufficient_scope", scope="a", realm="orders", Bearerish)");
  ExchangeFixture upstream;
  upstream.header("Authorization", "Bearer " + good_token());
  EXPECT_EQ(policy.request(upstream), "passed");
  upstream.response_header("WWW-Authenticate", "Bearer");
  EXPECT_EQ(policy.response(upstream), "passed");
  EXPECT_EQ(upstream.response_values("WWW-Authenticate"), "Bearer");
}

TEST(Challenges, TheSameOfTwoMethodsIsSaidOnce) {
  PolicyFixture policy("authenticate", "[" + jwt() + ", " + jwt("", key_of_login(), "b") + "]");
  ExchangeFixture f;
  EXPECT_EQ(told(policy, f), "Bearer");
}

TEST(Challenges, ARealmThatNeedsEscapesIsRefused) {
  for (const char* realm : {R"("")", R"("a\"b")", R"("a\\b")"}) {
    EXPECT_THAT(PolicyFixture("authenticate", with("\"realm\": " + std::string(realm))).errors,
                HasSubstr("no quotes"));
  }
}

TEST(ProtectedResource, AnswersItsMetadataToAnyone) {
  PolicyFixture policy("authenticate", with(kResource));
  ASSERT_EQ(policy.errors, "");
  const std::string path = "/.well-known/oauth-protected-resource/orders";
  EXPECT_EQ(policy.pipeline.policies().front().policy->own_paths().at(0).path, path);
  for (const char* method : {"GET", "HEAD"}) {
    ExchangeFixture f;
    f.request(method, path);
    ASSERT_EQ(policy.request(f), "authenticate.metadata");
    f.x.reason = f.x.trail.entries().back().reason;
    EXPECT_EQ(policy.response(f), "passed");
    EXPECT_EQ(f.response_values("Content-Type"), "application/json");
    ASSERT_NE(f.x.response.body, nullptr);
    EXPECT_EQ(drain(*f.x.response.body),
              R"({"resource":"https://api.example.com/orders",)"
              R"("authorization_servers":["https://login"],"scopes_supported":["orders:read"],)"
              R"("bearer_methods_supported":["header"],"resource_name":"Orders"})"
              "\n");
  }
  const std::pair<std::string, std::string> others[] = {
      {"POST", path}, {"GET", path + "/"}, {"GET", "/.well-known/oauth-protected-resource"}};
  for (const auto& [method, target] : others) {
    ExchangeFixture f;
    f.request(method, target);
    EXPECT_EQ(policy.request(f), "authenticate.missing") << method << target;
  }
}

TEST(ProtectedResource, SaysWhatIsNoIdentifier) {
  for (const char* identifier :
       {"http://api.example.com", "https://", "https:///a", "https://a/b?c=d", "https://a/b#c",
        "https://a/{id}", "https://a/b/*", "https://a/\\\"", "https://a/b//c", "api"}) {
    EXPECT_THAT(PolicyFixture("authenticate", with(R"("resource": {"identifier": ")" +
                                                   std::string(identifier) + "\"}"))
                    .errors,
                HasSubstr("has "))
        << identifier;
  }
}

}  // namespace
}  // namespace sallyport
