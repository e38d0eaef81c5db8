#include "policies/authorize/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policies/authorize/caller_fixture.h"

namespace sallyport::policies::authorize_detail {
namespace {

using sallyport::testing::Caller;
using sallyport::testing::ExchangeFixture;

TEST(Grants, KnowsPrefixes) {
  EXPECT_TRUE(grants("orders:read", "orders:read"));
  EXPECT_FALSE(grants("orders:read", "orders:reader"));
  EXPECT_FALSE(grants("orders:read", "orders:*"));
  EXPECT_TRUE(grants("orders:*", "orders:read"));
  EXPECT_TRUE(grants("orders:*", "orders:*"));
  EXPECT_FALSE(grants("orders:*", "order:read"));
  EXPECT_FALSE(grants("orders:*", "orders"));
  EXPECT_TRUE(grants("*", "anything"));
}

// Few words, so that rules and requests often meet.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }
  bool chance(std::size_t in_hundred) { return below(100) < in_hundred; }
  template <std::size_t N>
  std::string one(const std::array<const char*, N>& words) {
    return words.at(below(N));
  }
  template <std::size_t N>
  std::vector<std::string> some(const std::array<const char*, N>& words, std::size_t most = 2) {
    std::vector<std::string> list;
    for (std::size_t n = 1 + below(most); n > 0; --n) list.push_back(one(words));
    return list;
  }

 private:
  std::mt19937 random_;
};

constexpr std::array kMethods = {"GET", "HEAD", "POST", "DELETE", "PURGE", "REPORT"};
constexpr std::array kSegments = {"orders", "users", "v1", "7"};
constexpr std::array kScopes = {"a", "b", "c", "d"};
constexpr std::array kRoles = {"admin", "clerk", "guest"};
constexpr std::array kNames = {"x", "y", "z"};
constexpr std::array kConditions = {"claims.sub == path.id", "query.q == 'x'", "not claims.vip",
                                    "header.h != 'y'", "'a' in scopes or method == 'GET'"};

std::string random_path(Dice& dice, bool is_template) {
  std::string path;
  for (std::size_t n = dice.below(6); n > 0; --n) {
    const bool parameter = is_template && dice.chance(30);
    path += "/" + (parameter ? "{p" + std::to_string(n) + "}" : dice.one(kSegments));
  }
  if (is_template && dice.chance(20)) return path + "/*";
  return path.empty() || dice.chance(5) ? path + "/" : path;
}

RuleSettings random_rule(Dice& dice) {
  RuleSettings rule;
  rule.deny = dice.chance(20);
  rule.anyone = dice.chance(15);
  if (dice.chance(50)) rule.methods = dice.some(kMethods);
  if (dice.chance(60)) rule.path = random_path(dice, true);
  if (dice.chance(10)) {
    rule.when = Condition{.expression = Expression::parse(dice.one(kConditions)).value()};
  }
  if (rule.anyone) return rule;
  if (dice.chance(30)) rule.scopes = dice.some(kScopes);
  if (dice.chance(20)) rule.any_scope = dice.some(kScopes, 3);
  if (dice.chance(20)) rule.roles = dice.some(kRoles);
  if (dice.chance(10)) rule.groups = dice.some(kNames);
  if (dice.chance(10)) rule.consumers = dice.some(kNames);
  if (dice.chance(10)) rule.subjects = dice.some(kNames);
  if (dice.chance(10)) rule.issuers = dice.some(kNames);
  if (dice.chance(10)) rule.permissions = {{.value = dice.one(kScopes), .where = {}}};
  if (dice.chance(10)) {
    rule.claims = {{.name = "sub", .where = {}, .value = {.any = {dice.one(kNames)}}}};
  }
  if (dice.chance(10)) rule.strength = "certificate";
  return rule;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

TEST(RuleSet, TheIndexDecidesAsEachRuleInTurnWould) {
  const RuleSet::Roles roles = {{.name = "admin", .where = {}, .value = {"*"}},
                                {.name = "clerk", .where = {}, .value = {"a", "b"}},
                                {.name = "guest", .where = {}, .value = {"c", "d"}}};
  constexpr std::uint32_t kSets = 150;
  constexpr int kRequests = 60;
  std::size_t allowed = 0;
  std::size_t denied = 0;
  std::size_t undecided = 0;
  for (std::uint32_t seed = 0; seed < kSets; ++seed) {
    Dice dice(seed);
    std::vector<RuleSettings> settings;
    for (std::size_t n = 1 + dice.below(60); n > 0; --n) settings.push_back(random_rule(dice));
    schema::Diagnostics diagnostics;
    const RuleSet rules(std::move(settings), roles, diagnostics);
    ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.to_text();

    for (int i = 0; i < kRequests; ++i) {
      const std::vector<std::string> scopes = dice.some(kScopes, 3);
      const std::vector<std::string> held = dice.some(kRoles);
      const std::vector<std::string> groups = dice.some(kNames);
      const std::string name = dice.one(kNames);
      Caller caller(R"({"sub": ")" + name + R"(", "vip": true})");
      caller->consumer = name;
      caller->subject = name;
      caller->issuer = name;
      caller.scopes(views(scopes)).roles(views(held)).groups(views(groups));
      ExchangeFixture f;
      f.request(dice.one(kMethods), random_path(dice, false));
      if (dice.chance(50)) f.x.request.query = "q=x";
      if (dice.chance(90)) caller.call(f);

      Facts facts(f.x);
      const Decision indexed = rules.decide(facts);
      Facts again(f.x);
      const Decision plain = rules.decide_in_order(again);
      ASSERT_EQ(indexed.rule, plain.rule)
          << "seed " << seed << ": " << f.x.request.method << " " << f.x.request.path << ", "
          << (indexed.rule != nullptr ? indexed.rule->name() : "none") << " for "
          << (plain.rule != nullptr ? plain.rule->name() : "none");
      ++(plain.rule == nullptr ? undecided : plain.allows() ? allowed : denied);
    }
  }
  // All three kinds were seen.
  EXPECT_GT(allowed, 1000U);
  EXPECT_GT(denied, 300U);
  EXPECT_GT(undecided, 300U);
}

TEST(RuleSet, ACallerOfVeryManyScopesIsJudgedAlike) {
  std::vector<std::string> scopes;
  std::vector<RuleSettings> settings;
  for (int i = 0; i < 100; ++i) {
    scopes.push_back("scope-" + std::to_string(i));
    RuleSettings rule;
    rule.scopes = {scopes.back()};
    rule.methods = {i == 60 ? "DELETE" : "PUT"};
    settings.push_back(rule);
  }
  schema::Diagnostics diagnostics;
  const RuleSet rules(std::move(settings), {}, diagnostics);
  Caller caller;
  caller.scopes(views(scopes));
  ExchangeFixture f;
  f.request("PUT", "/");
  caller.call(f);
  Facts facts(f.x);
  EXPECT_EQ(rules.decide(facts).rule->name(), "rule 1");
  f.request("DELETE", "/");
  EXPECT_EQ(rules.decide(facts).rule->name(), "rule 61");
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail
