#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/authorize/caller_fixture.h"
#include "policies/policy_fixture.h"
#include "policy/shadow_decisions.h"

namespace sallyport {
namespace {

using testing::Caller;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PolicyFixture;

// One exchange with a policy of these rules: "passed", or the code of the reason.
std::string ask(std::string_view rules, const Caller* caller, std::string_view method = "GET",
                std::string_view path = "/orders/7", std::string_view query = {}) {
  PolicyFixture policy("authorize", rules);
  EXPECT_EQ(policy.errors, "") << rules;
  ExchangeFixture f;
  f.request(method, path);
  f.x.request.query = query;
  if (caller != nullptr) caller->call(f);
  return policy.request(f);
}

std::string detail_of(const ExchangeFixture& f) {
  return std::string(f.x.trail.entries().back().detail);
}

constexpr std::string_view kOrders = R"([
  {"methods": ["GET"], "scopes": ["orders:read"]},
  {"methods": ["POST", "PUT"], "scopes": ["orders:write"]},
  {"methods": ["DELETE"], "roles": ["admin"]},
  {"path": "/orders/{id}", "methods": ["GET"], "when": "claims.sub == path.id"}
])";

TEST(Authorize, TheFirstRuleThatFitsDecides) {
  Caller reader;
  reader.scopes({"orders:read"});
  Caller writer;
  writer.scopes({"openid", "orders:write"});
  Caller admin;
  admin.roles({"clerk", "admin"});
  EXPECT_EQ(ask(kOrders, &reader), "passed");
  EXPECT_EQ(ask(kOrders, &reader, "HEAD"), "passed") << "GET includes it";
  EXPECT_EQ(ask(kOrders, &reader, "PUT"), "authorize.insufficient_scope");
  EXPECT_EQ(ask(kOrders, &reader, "DELETE"), "authorize.denied");
  EXPECT_EQ(ask(kOrders, &reader, "PATCH"), "authorize.denied") << "no rule speaks of it";
  EXPECT_EQ(ask(kOrders, &writer, "POST"), "passed");
  EXPECT_EQ(ask(kOrders, &writer), "authorize.insufficient_scope");
  EXPECT_EQ(ask(kOrders, &admin, "DELETE"), "passed");
  EXPECT_EQ(ask(kOrders, nullptr), "authorize.unauthenticated");

  constexpr std::string_view kDenyFirst =
      R"([{"deny": true, "roles": ["guest"]}, {"methods": ["GET"]}])";
  constexpr std::string_view kDenyLast =
      R"([{"methods": ["GET"]}, {"deny": true, "roles": ["guest"]}])";
  Caller guest;
  guest.roles({"guest"});
  EXPECT_EQ(ask(kDenyFirst, &guest), "authorize.denied");
  EXPECT_EQ(ask(kDenyLast, &guest), "passed");
  EXPECT_EQ(ask(kDenyFirst, &admin), "passed");
}

TEST(Authorize, OwnersReachTheirOwnObjectsOnly) {
  constexpr std::string_view kOwn =
      R"([{"path": "/orders/{id}", "methods": "GET", "when": "claims.sub == path.id"}])";
  Caller owner(R"({"sub": "7"})");
  Caller number(R"({"sub": 7})");
  Caller nameless("{}");
  EXPECT_EQ(ask(kOwn, &owner, "GET", "/orders/7"), "passed");
  EXPECT_EQ(ask(kOwn, &owner, "GET", "/orders/8"), "authorize.denied");
  EXPECT_EQ(ask(kOwn, &owner, "GET", "/orders/77"), "authorize.denied");
  EXPECT_EQ(ask(kOwn, &owner, "GET", "/orders/7/items"), "authorize.denied");
  EXPECT_EQ(ask(kOwn, &owner, "DELETE", "/orders/7"), "authorize.denied");
  EXPECT_EQ(ask(kOwn, &number, "GET", "/orders/7"), "authorize.denied") << "a number is no text";
  EXPECT_EQ(ask(kOwn, &nameless, "GET", "/orders/7"), "authorize.denied");
}

// Every condition, with a caller it fits and one it does not.
TEST(Authorize, ConditionsHoldOrDoNot) {
  Caller caller(R"({"sub": "u1", "tenant": "acme", "level": 3, "beta": true, "score": 1.5,
    "groups": ["staff", "eu"], "realm": {"roles": ["clerk"]}, "https://x.example/org": "o1",
    "nothing": null})");
  caller->consumer = "shop";
  caller->subject = "u1";
  caller->issuer = "https://id.example";
  caller.scopes({"a", "b"}).roles({"clerk"}).groups({"staff"});
  struct Case {
    std::string_view rule;
    bool fits;
  };
  const Case cases[] = {
      {"{}", true},
      {R"({"methods": ["GET"]})", true},
      {R"({"methods": "POST"})", false},
      {R"({"methods": ["POST", "GET"]})", true},
      {R"({"methods": ["HEAD"]})", false},
      {R"({"path": "/orders/7"})", true},
      {R"({"path": "/orders/{id}"})", true},
      {R"({"path": "/orders/*"})", true},
      {R"({"path": "/*"})", true},
      {R"({"path": "/orders"})", false},
      {R"({"path": "/orders/7/"})", false},
      {R"({"path": "/orders/{id}/items"})", false},
      {R"({"path": "/users/{id}"})", false},
      {R"({"scopes": ["a"]})", true},
      {R"({"scopes": ["a", "b"]})", true},
      {R"({"scopes": ["a", "c"]})", false},
      {R"({"any_scope": ["c", "b"]})", true},
      {R"({"any_scope": ["c", "d"]})", false},
      {R"({"roles": ["admin", "clerk"]})", true},
      {R"({"roles": ["admin"]})", false},
      {R"({"groups": "staff"})", true},
      {R"({"groups": "clerk"})", false},
      {R"({"consumers": ["shop"]})", true},
      {R"({"consumers": ["Shop"]})", false},
      {R"({"subjects": ["u1"]})", true},
      {R"({"subjects": ["u2"]})", false},
      {R"({"issuers": ["https://id.example"]})", true},
      {R"({"issuers": ["https://id.example/"]})", false},
      {R"({"claims": {"tenant": "acme"}})", true},
      {R"({"claims": {"tenant": ["other", "acme"]}})", true},
      {R"({"claims": {"tenant": "other"}})", false},
      {R"({"claims": {"tenant": "acme", "level": 4}})", false},
      {R"({"claims": {"level": 3}})", true},
      {R"({"claims": {"level": 3.0}})", true},
      {R"({"claims": {"level": "3"}})", false},
      {R"({"claims": {"beta": true}})", true},
      {R"({"claims": {"beta": "true"}})", false},
      {R"({"claims": {"score": 1.5}})", true},
      {R"({"claims": {"groups": "eu"}})", true},
      {R"({"claims": {"groups": ["us", "eu"]}})", true},
      {R"({"claims": {"groups": "e"}})", false},
      {R"({"claims": {"realm.roles": "clerk"}})", true},
      {R"({"claims": {"realm.none": "clerk"}})", false},
      {R"({"claims": {"https://x.example/org": "o1"}})", true},
      {R"({"claims": {"nothing": "null"}})", false},
      {R"({"when": "claims.level >= 3 and method == 'GET'"})", true},
      {R"({"when": "claims.level > 3"})", false},
      {R"({"networks": ["192.0.2.0/24"]})", true},
      {R"({"networks": ["198.51.100.0/24"]})", false},
      {R"({"strength": "password"})", true},
      {R"({"strength": "token"})", true},
      {R"({"strength": "certificate"})", false},
      {R"({"methods_of_authentication": ["mtls", "jwt"]})", true},
      {R"({"methods_of_authentication": ["mtls"]})", false},
      {R"({"time": {"days": ["mon-sun"]}})", true},
      {R"({"anyone": true})", true},
      {R"({"scopes": "a", "roles": "clerk", "networks": ["192.0.2.1"]})", true},
      {R"({"scopes": "a", "roles": "admin", "networks": ["192.0.2.1"]})", false},
  };
  for (const Case& c : cases) {
    const std::string rules = "[" + std::string(c.rule) + "]";
    EXPECT_EQ(ask(rules, &caller) == "passed", c.fits) << c.rule;
    // And as a refusal before a rule that lets everyone through.
    std::string deny = std::string(c.rule);
    deny.insert(1, c.rule == "{}" ? R"("deny": true)" : R"("deny": true, )");
    EXPECT_EQ(ask("[" + deny + ", {}]", &caller), c.fits ? "authorize.denied" : "passed") << deny;
  }
}

TEST(Authorize, RolesPermitThroughOneMap) {
  constexpr std::string_view kRules = R"({
    "roles": {"admin": ["orders:read", "orders:write", "users:*"], "clerk": ["orders:read"]},
    "rules": [{"methods": "GET", "permissions": "orders:read"},
              {"methods": "PUT", "permissions": ["orders:write", "users:rename"]},
              {"methods": "DELETE", "permissions": "users:delete"}]})";
  Caller admin;
  admin.roles({"admin"});
  Caller clerk;
  clerk.roles({"visitor", "clerk"});
  Caller stranger;
  stranger.roles({"orders:read"}).scopes({"orders:read"});
  EXPECT_EQ(ask(kRules, &admin, "GET"), "passed");
  EXPECT_EQ(ask(kRules, &admin, "PUT"), "passed");
  EXPECT_EQ(ask(kRules, &admin, "DELETE"), "passed");
  EXPECT_EQ(ask(kRules, &clerk, "GET"), "passed");
  EXPECT_EQ(ask(kRules, &clerk, "PUT"), "authorize.denied");
  EXPECT_EQ(ask(kRules, &clerk, "DELETE"), "authorize.denied");
  EXPECT_EQ(ask(kRules, &stranger, "GET"), "authorize.denied");
}

TEST(Authorize, WithoutACallerOnlyRulesForAnyoneFit) {
  constexpr std::string_view kRules = R"([
    {"anyone": true, "path": "/orders/status"},
    {"anyone": true, "deny": true, "path": "/orders/secret"},
    {"methods": "GET"}])";
  Caller caller;
  EXPECT_EQ(ask(kRules, nullptr, "GET", "/orders/status"), "passed");
  EXPECT_EQ(ask(kRules, nullptr, "GET", "/orders/secret"), "authorize.denied");
  EXPECT_EQ(ask(kRules, nullptr, "GET", "/orders/7"), "authorize.unauthenticated");
  EXPECT_EQ(ask(kRules, &caller, "GET", "/orders/status"), "passed");
  EXPECT_EQ(ask(kRules, &caller, "GET", "/orders/7"), "passed");
  EXPECT_EQ(ask(kRules, &caller, "PUT", "/orders/7"), "authorize.denied");
}

TEST(Authorize, WhatComesTwiceSpeaksAgainstTheRequest) {
  Caller caller(R"({"sub": "u1"})");
  constexpr std::string_view kAllow = R"([{"when": "query.user == claims.sub"}])";
  EXPECT_EQ(ask(kAllow, &caller, "GET", "/", "user=u1"), "passed");
  EXPECT_EQ(ask(kAllow, &caller, "GET", "/", "user=u1&user=u2"), "authorize.denied");
  EXPECT_EQ(ask(kAllow, &caller, "GET", "/", "user=u1&%75ser=u2"), "authorize.denied");
  constexpr std::string_view kDeny = R"([{"deny": true, "when": "query.debug == 'true'"}, {}])";
  EXPECT_EQ(ask(kDeny, &caller, "GET", "/", "debug=true"), "authorize.denied");
  EXPECT_EQ(ask(kDeny, &caller, "GET", "/", "debug=false&debug=true"), "authorize.denied");
  EXPECT_EQ(ask(kDeny, &caller, "GET", "/", "debug=false"), "passed");
}

TEST(Authorize, NamesTheRuleAndWhatItLackedButNoValue) {
  PolicyFixture policy("authorize", R"([
    {"name": "acme only", "claims": {"tenant": "acme"}, "roles": ["admin"]},
    {"name": "staff", "groups": ["staff"]},
    {"name": "office", "path": "/office", "networks": ["10.0.0.0/8"]}])");
  Caller caller(R"({"tenant": "hidden-tenant", "sub": "hidden-subject"})");
  caller->subject = "hidden-subject";
  ExchangeFixture f;
  caller.call(f);
  EXPECT_EQ(policy.request(f), "authorize.denied");
  EXPECT_EQ(detail_of(f), "no rule fits; rule 'staff' lacks groups");
  EXPECT_THAT(detail_of(f), Not(HasSubstr("hidden")));

  ExchangeFixture other;
  PolicyFixture paths("authorize", R"([{"path": "/office"}])");
  caller.call(other);
  EXPECT_EQ(paths.request(other), "authorize.denied");
  EXPECT_EQ(detail_of(other), "no rule is about this method and path");

  ExchangeFixture denied;
  PolicyFixture denies("authorize", R"([{"deny": true}])");
  caller.call(denied);
  EXPECT_EQ(denies.request(denied), "authorize.denied");
  EXPECT_EQ(detail_of(denied), "rule 1 denies it");
}

TEST(Authorize, ChallengesWhoLacksAScope) {
  PolicyFixture policy("authorize", R"([
    {"methods": "GET", "scopes": ["orders:read", "orders:list"]},
    {"methods": "PUT", "scopes": ["orders:write"], "roles": ["clerk"]},
    {"methods": "POST", "any_scope": ["a", "b"]}])");
  struct Case {
    std::string_view method;
    std::string_view reason;
    std::string_view challenge;
  };
  const Case cases[] = {
      {"GET", "authorize.insufficient_scope",
       R"(Bearer error="insufficient_scope", scope="orders:read orders:list")"},
      {"POST", "authorize.insufficient_scope", R"(Bearer error="insufficient_scope", scope="a b")"},
      {"PUT", "authorize.denied", "(none)"},
      {"DELETE", "authorize.denied", "(none)"},
  };
  for (const Case& c : cases) {
    Caller caller;
    caller.scopes({"orders:read"});
    ExchangeFixture f;
    f.request(c.method, "/");
    caller.call(f);
    auto verdict = testing::now(policy.pipeline.on_request(f.x));
    ASSERT_FALSE(verdict.has_value());
    f.x.reason = verdict.error().reason;
    EXPECT_EQ(f.x.reason->code, c.reason);
    EXPECT_EQ(policy.response(f), "passed");
    EXPECT_EQ(f.response_values("WWW-Authenticate"), c.challenge) << c.method;
  }
}

TEST(Authorize, ChallengesOnlyForItsOwnRefusal) {
  PolicyFixture policy("authorize", R"({"rules": [{"scopes": ["a"]}], "mode": "monitor"})");
  Caller caller;
  ExchangeFixture monitored;
  caller.call(monitored);
  EXPECT_EQ(policy.request(monitored), "passed");
  monitored.response_header("WWW-Authenticate", "Basic");
  EXPECT_EQ(policy.response(monitored), "passed");
  EXPECT_EQ(monitored.response_values("WWW-Authenticate"), "Basic");

  constexpr Reason kOther{"test.other", 403, "No."};
  monitored.x.reason = &kOther;
  EXPECT_EQ(policy.response(monitored), "passed");
  EXPECT_EQ(monitored.response_values("WWW-Authenticate"), "Basic");
}

TEST(Authorize, AsksForCredentialsWhereNobodyCalls) {
  PolicyFixture policy("authorize", R"([{}])");
  ExchangeFixture f;
  auto verdict = testing::now(policy.pipeline.on_request(f.x));
  ASSERT_FALSE(verdict.has_value());
  f.x.reason = verdict.error().reason;
  EXPECT_EQ(f.x.reason->code, "authorize.unauthenticated");
  EXPECT_EQ(f.x.reason->status, 401);
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("WWW-Authenticate"), "Bearer");
}

TEST(Authorize, ShadowRulesDecideBesideTheRealOnes) {
  PolicyFixture policy("authorize", R"({
    "rules": [{"methods": "GET"}],
    "shadow": [{"methods": "GET", "roles": "admin"}, {"name": "writers", "methods": "PUT"}]})");
  ASSERT_EQ(policy.errors, "");
  const ShadowDecisions& counters = ShadowDecisions::of_process();
  auto counted = [&counters] {
    return std::array{counters.count_of(ShadowDecision::same),
                      counters.count_of(ShadowDecision::would_allow),
                      counters.count_of(ShadowDecision::would_refuse)};
  };
  auto [same, would_allow, would_refuse] = counted();
  Caller admin;
  admin.roles({"admin"});
  Caller clerk;

  ExchangeFixture alike;
  admin.call(alike);
  EXPECT_EQ(policy.request(alike), "passed");
  EXPECT_EQ(counted(), (std::array{same + 1, would_allow, would_refuse}));
  EXPECT_EQ(alike.x.trail.entries().size(), 1U);

  ExchangeFixture refused_by_shadow;
  clerk.call(refused_by_shadow);
  EXPECT_EQ(policy.request(refused_by_shadow), "passed");
  EXPECT_EQ(counted(), (std::array{same + 1, would_allow, would_refuse + 1}));
  auto entries = refused_by_shadow.x.trail.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].outcome, Outcome::monitored);
  EXPECT_EQ(entries[0].reason->code, "authorize.denied");
  EXPECT_EQ(entries[0].detail, "shadow: no rule fits; rule 1 lacks roles");
  EXPECT_EQ(entries[1].outcome, Outcome::passed);

  ExchangeFixture allowed_by_shadow;
  allowed_by_shadow.request("PUT", "/");
  clerk.call(allowed_by_shadow);
  EXPECT_EQ(policy.request(allowed_by_shadow), "authorize.denied");
  EXPECT_EQ(counted(), (std::array{same + 1, would_allow + 1, would_refuse + 1}));
  EXPECT_EQ(detail_of(allowed_by_shadow),
            "no rule is about this method and path; shadow: rule 'writers' would allow it");
}

TEST(Authorize, ARehearsalIsNotCounted) {
  PolicyFixture policy("authorize",
                       R"({"rules": [{"methods": "GET"}], "shadow": [{"methods": "PUT"}]})");
  const ShadowDecisions& counters = ShadowDecisions::of_process();
  const std::uint64_t before = counters.count_of(ShadowDecision::would_refuse);
  for (const bool rehearsal : {true, false}) {
    ExchangeFixture f;
    f.x.rehearsal = rehearsal;
    Caller().call(f);
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(f.x.trail.entries().size(), 2U);
    EXPECT_EQ(counters.count_of(ShadowDecision::would_refuse), before + (rehearsal ? 0 : 1));
  }
}

TEST(Authorize, RefusesRulesThatCannotBeMeant) {
  struct Case {
    std::string_view block;
    std::string_view error;
  };
  const Case cases[] = {
      {"[]", "authorize: needs at least 1 element"},
      {"{}", "one of \"rules\", \"opa\" is needed"},
      {R"({"rules": []})", "authorize.rules: needs at least 1 element"},
      {R"([{"scope": "a"}])", "authorize[0].scope: unknown key"},
      {R"([{"methods": []}])", "authorize[0].methods: needs at least 1 element"},
      {R"([{}, {"scopes": []}])", "authorize[1].scopes: needs at least 1 element"},
      {R"([{"claims": {}}])", "claims: needs at least 1 element"},
      {R"([{"claims": {"a": []}}])", "claims.a: needs at least 1 element"},
      {R"([{"claims": {"a": 99999999999999999999}}])", "is not a number"},
      {R"([{"networks": []}])", "networks: needs at least 1 element"},
      {R"([{"methods": "get"}])", "upper case"},
      {R"([{"path": "orders"}])", "must start with '/'"},
      {R"([{"scopes": "orders:read orders:write"}])", "is no scope"},
      {R"([{"scopes": "a\"b"}])", "is no scope"},
      {R"([{"roles": [""]}])", "must not be empty"},
      {R"([{"strength": "strong"}])", "authorize[0].strength"},
      {R"([{"when": "claims.sub = path.id"}])", "column 12: unexpected '='"},
      {R"([{"path": "/orders/{id}", "when": "claims.sub == path.di"}])",
       "authorize[0].when: column 15: 'path.di' is no parameter of /orders/{id}"},
      {R"([{"anyone": true, "scopes": "a"}])", "authorize[0].scopes: asks who is calling"},
      {R"([{"permissions": "orders:read"}])", "no role grants 'orders:read'"},
      {R"({"rules": [{"permissions": "orders:read"}], "roles": {"admin": ["users:*"]}})",
       "authorize.rules[0].permissions: no role grants 'orders:read'"},
      {R"([{"time": {"days": "monday"}}])", "time.days: is no day"},
      {R"([{"time": {"from": "8:00"}}])", "time.from: is no time of day"},
      {R"([{"time": {"to": "24:01"}}])", "time.to: is no time of day"},
      {R"([{"time": {"zone": "Europe"}}])", "time.zone: is no time zone"},
      {R"([{"time": {"zone": "Europe/Berln"}}])", "did you mean Europe/Berlin?"},
      {R"([{"time": {"from": "08:00", "to": "08:00"}}])", "the window is empty"},
      {R"({"rules": [{}], "shadow": []})", "authorize.shadow: needs at least 1 element"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(PolicyFixture("authorize", c.block).errors, HasSubstr(std::string(c.error)))
        << c.block;
  }
}

TEST(Authorize, TakesAListAMapAndASingleRule) {
  Caller caller;
  for (std::string_view block : {R"([{"methods": "GET"}])", R"({"rules": [{"methods": "GET"}]})",
                                 R"({"rules": {"methods": "GET"}})"}) {
    EXPECT_EQ(ask(block, &caller), "passed") << block;
    EXPECT_EQ(ask(block, &caller, "PUT"), "authorize.denied") << block;
  }
}

}  // namespace
}  // namespace sallyport
