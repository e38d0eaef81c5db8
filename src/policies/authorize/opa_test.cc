#include "policies/authorize/opa.h"

#include <gtest/gtest.h>

#include <string>

#include "policies/policy_fixture.h"

namespace sallyport::policies::authorize_detail {
namespace {

using testing::ExchangeFixture;
using testing::PolicyFixture;
using Kind = OpaDecision::Kind;

TEST(Opa, OnlyTrueIsAPermission) {
  struct Case {
    std::string_view answer;
    Kind kind;
  };
  const Case cases[] = {
      {R"({"result":true})", Kind::allowed},
      {R"({"decision_id":"1","result":{"allow":true,"x":1}})", Kind::allowed},
      {R"({"result":false})", Kind::denied},
      {R"({"result":{"allow":false}})", Kind::denied},
      {R"({"result":{"Allow":true}})", Kind::denied},
      {R"({"result":{}})", Kind::denied},
      {R"({})", Kind::denied},
      {R"({"result":null})", Kind::undecided},
      {R"({"result":"true"})", Kind::undecided},
      {R"({"result":1})", Kind::undecided},
      {R"({"result":[true]})", Kind::undecided},
      {R"({"result":{"allow":{"allow":true}}})", Kind::undecided},
      {R"({"result":false,"result":true})", Kind::undecided},
      {R"({"result":true)", Kind::undecided},
      {"true", Kind::undecided},
      {"", Kind::undecided},
  };
  for (const Case& c : cases) {
    const OpaDecision decision = Opa::read(c.answer);
    EXPECT_EQ(decision.kind, c.kind) << c.answer;
    EXPECT_EQ(decision.detail.empty(), c.kind == Kind::allowed) << c.answer;
  }
}

TEST(Opa, IsAskedAboutRequestAndCaller) {
  OpaSettings settings{.decision = "a/allow", .headers = {"X-Tenant", "X-None"}};
  settings.service.url = "https://opa";
  schema::Diagnostics diagnostics;
  schema::Context context(diagnostics, "test");
  const auto opa = Opa::make({.value = settings, .where = {}}, context);
  ASSERT_NE(opa, nullptr);
  ExchangeFixture f;
  f.request("GET", "/a/%2F\"b/").header("x-tenant", "1").header("X-Tenant", "2");
  const std::string request =
      R"({"input":{"request":{"method":"GET","scheme":"http","host":"api.example.com",)"
      R"("path":"/a/%2F\"b/","segments":["a","%2F\"b",""],"query":"","address":"192.0.2.1",)"
      R"("headers":{"x-tenant":"1, 2"}},"identity":)";
  EXPECT_EQ(opa->question_about(f.x), request + "null}}");
  const std::string_view scopes[] = {"read"};
  f.x.identity = Identity{.method = "jwt", .subject = "u", .strength = Strength::token};
  f.x.identity->scopes = scopes;
  EXPECT_EQ(opa->question_about(f.x),
            request + R"({"method":"jwt","consumer":"","subject":"u","issuer":"","client":"",)"
                      R"("strength":"token","scopes":["read"],"roles":[],"groups":[],)"
                      R"("claims":null}}})");
}

TEST(Opa, PermitsNothingWithoutAnAnswer) {
  PolicyFixture policy("authorize", R"({"opa": {"url": "https://opa", "decision": "a/allow"}})");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;  // where nobody can be asked
  EXPECT_EQ(policy.request(f), "authorize.unavailable");
}

TEST(Opa, TheRuleIsNamedByAPath) {
  for (const char* path : {"", "/a", "a/", "a//b", "a/../b", "a?b", "a b", "a%2Fb"}) {
    PolicyFixture policy("authorize", R"({"opa": {"url": "https://opa", "decision": ")" +
                                          std::string(path) + "\"}}");
    EXPECT_NE(policy.errors, "") << path;
  }
  PolicyFixture both(
      "authorize",
      R"({"rules": [{"anyone": true}], "opa": {"url": "https://o", "decision": "a"}})");
  EXPECT_NE(both.errors, "");
  PolicyFixture neither("authorize", R"({"shadow": [{"anyone": true}]})");
  EXPECT_NE(neither.errors, "");
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail
