// SecRuleRemove... and SecRuleUpdate...: which rules they are about and what becomes of those.
#include "seclang/parser/updates.h"

#include <gtest/gtest.h>

#include "seclang/parser/test_rules.h"

namespace sallyport::seclang {
namespace {

using testing::ids;
using testing::load_text;

using Ids = std::vector<std::int64_t>;

constexpr const char* kRules = R"(
SecRule ARGS a "id:1,msg:'One two',tag:'x/y'"
SecRule ARGS a "id:2,tag:'x',chain"
  SecRule ARGS b "tag:'inner',msg:'inner'"
SecRule ARGS a "id:3,msg:'One'"
SecAction "id:10,tag:'x'"
)";

Ids left_by(const std::string& directive) {
  Ids before = ids(*load_text(directive + kRules));
  Ids behind = ids(*load_text(kRules + directive));
  EXPECT_EQ(before, behind) << directive;
  return behind;
}

TEST(Updates, rules_are_removed_wherever_they_stand) {
  EXPECT_EQ(left_by("SecRuleRemoveById 2"), (Ids{1, 3, 10}));
  EXPECT_EQ(left_by("SecRuleRemoveById 1 \"3-99\""), Ids{2});
  EXPECT_EQ(left_by("SecRuleRemoveById \"1,2 3\""), Ids{10});
  EXPECT_EQ(left_by("SecRuleRemoveByTag x"), (Ids{1, 3}));
  EXPECT_EQ(left_by("SecRuleRemoveByTag \"x/y\""), (Ids{2, 3, 10}));
  EXPECT_EQ(left_by("SecRuleRemoveByMsg One two"), (Ids{2, 3, 10}));
  EXPECT_EQ(left_by("SecRuleRemoveByMsg \"One\""), (Ids{1, 2, 10}));
  EXPECT_EQ(left_by("SecRuleRemoveByTag inner"), (Ids{1, 2, 3, 10}));
}

std::size_t targets(const RuleSet& rules, std::int64_t id, std::size_t link = 0) {
  return rules.find(id)->chain.at(link).targets.size();
}

TEST(Updates, targets_are_added) {
  auto by_id = load_text(std::string("SecRuleUpdateTargetById 1 \"!ARGS:x|!ARGS:/y/\"") + kRules);
  ASSERT_EQ(targets(*by_id, 1), 3U);
  EXPECT_TRUE(by_id->find(1)->chain[0].targets[2].exclude);
  EXPECT_EQ(targets(*by_id, 2), 1U);

  auto range = load_text(kRules + std::string("SecRuleUpdateTargetById 1-10 REQUEST_URI"));
  EXPECT_EQ(targets(*range, 3), 2U);
  EXPECT_EQ(targets(*range, 10), 0U);  // SecAction looks at nothing
}

TEST(Updates, a_link_of_a_chain_is_chosen_by_its_number_its_tag_or_its_message) {
  auto number = load_text(kRules + std::string("SecRuleUpdateTargetById 2:1 !ARGS:x"));
  EXPECT_EQ(targets(*number, 2, 0), 1U);
  EXPECT_EQ(targets(*number, 2, 1), 2U);
  auto tag = load_text(kRules + std::string("SecRuleUpdateTargetByTag inner !ARGS:x"));
  EXPECT_EQ(targets(*tag, 2, 0), 1U);
  EXPECT_EQ(targets(*tag, 2, 1), 2U);
  auto msg = load_text(kRules + std::string("SecRuleUpdateTargetByMsg \"One two\" !ARGS:x"));
  EXPECT_EQ(targets(*msg, 1), 2U);
  EXPECT_EQ(targets(*msg, 3), 1U);
}

TEST(Updates, actions_are_added_and_decisions_replaced) {
  auto rules = load_text(R"(
SecRuleUpdateActionById 1 "pass,nolog,status:404,msg:'new',tag:'b',t:trim"
SecRule ARGS a "id:1,block,deny,msg:'old',tag:'a',t:lowercase,severity:2"
SecRule ARGS a "id:2,deny,t:lowercase"
SecRuleUpdateActionById 2 "t:none,t:trim,redirect:'https://x/'")");
  const Rule& one = *rules->find(1);
  EXPECT_EQ(one.disruptive, Disruptive::pass);
  EXPECT_FALSE(one.log);
  EXPECT_EQ(one.status, 404);
  const Link& link = one.chain.front();
  EXPECT_EQ(link.actions.msg.source(), "new");
  EXPECT_EQ(link.actions.tags.size(), 2U);
  EXPECT_EQ(link.actions.severity, 2);
  ASSERT_EQ(link.transformations.size(), 2U);
  const Rule& two = *rules->find(2);
  EXPECT_EQ(two.disruptive, Disruptive::redirect);
  EXPECT_EQ(two.redirect.source(), "https://x/");
  ASSERT_EQ(two.chain[0].transformations.size(), 1U);
  EXPECT_EQ(two.chain[0].transformations[0]->name, "trim");
}

}  // namespace
}  // namespace sallyport::seclang
