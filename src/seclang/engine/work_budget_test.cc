// What becomes of a transaction whose rules have no time left.
#include "seclang/work_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "seclang/engine/replay.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {
namespace {

constexpr std::string_view kRules = R"(
SecRuleEngine On
SecRequestBodyAccess On
SecAction "id:1,phase:1,nolog,pass,setvar:tx.score=7,ctl:requestBodyProcessor=JSON"
SecRule ARGS "@rx attack" "id:2,phase:2,log,pass,t:none"
SecRule ARGS "@detectSQLi" "id:3,phase:2,log,pass,t:none"
SecRule ARGS_NAMES "@streq q" "id:4,phase:2,log,pass,t:none"
SecRule REQBODY_ERROR "!@eq 0" "id:5,phase:2,log,pass,t:none"
SecRule &ARGS "@gt 1" "id:6,phase:2,log,pass,t:none"
SecRule TX:SCORE "@ge 5" "id:7,phase:2,log,pass,t:none"
SecRule TX:MSC_PCRE_LIMITS_EXCEEDED "@streq 1" "id:8,phase:2,log,pass,t:none"
)";

using Rules = std::vector<std::int64_t>;

// Of a transaction with so much time, by a plan with a scanner or without a plan.
Outcome outcome(std::int64_t work, bool planned) {
  auto rules = *load({{.path = "test.conf", .text = std::string(kRules)}});
  Recording request;
  request.unique_id = "x";
  request.work = work;
  request.method = "POST";
  request.uri = "/?q=an+attack&r=1'+or+'1'='1";
  request.version = "1.1";
  request.request_headers = {{"Content-Type", "application/json"}};
  request.request_body = "{";
  request.request_body_given = true;
  request.phases.set(1);
  request.phases.set(2);
  if (!planned) return replay(request, *rules);
  static const std::atomic<bool> kGoOn{false};
  return replay(request, *full_plan(*folded_plan(rules), Cache(""), kGoOn));
}

TEST(WorkBudgetTest, with_time_every_rule_is_asked) {
  for (bool planned : {false, true}) {
    const Outcome all = outcome(WorkBudget::kUnlimited, planned);
    EXPECT_EQ(all.rules, (Rules{2, 3, 4, 5, 6, 7})) << planned;
    EXPECT_FALSE(all.gave_up) << planned;
  }
}

// What clients may send much of is not looked at, which a rule can ask for; all else is.
TEST(WorkBudgetTest, without_time_only_what_costs_little_is_looked_at) {
  for (bool planned : {false, true}) {
    const Outcome none = outcome(0, planned);
    EXPECT_EQ(none.rules, (Rules{5, 6, 7, 8})) << planned;
    EXPECT_TRUE(none.gave_up) << planned;
  }
}

// What was cut short says nothing about the next request with the same texts.
TEST(WorkBudgetTest, a_request_without_time_leaves_nothing_behind_for_the_next) {
  auto rules = *load({{.path = "test.conf", .text = std::string(kRules)}});
  static const std::atomic<bool> kGoOn{false};
  auto plan = full_plan(*folded_plan(rules), Cache(""), kGoOn);
  Recording request;
  request.unique_id = "x";
  request.method = "GET";
  request.uri = "/?q=an+attack&r=1'+or+'1'='1";
  request.version = "1.1";
  request.phases.set(1);
  request.phases.set(2);
  request.work = 0;
  (void)replay(request, *plan);
  request.work = WorkBudget::kUnlimited;
  EXPECT_EQ(replay(request, *plan).rules, (Rules{2, 3, 4, 6, 7}));
}

TEST(WorkBudgetTest, time_is_taken_while_it_is_in_force_and_only_then) {
  WorkBudget budget;
  budget.allow(1'000'000'000);
  EXPECT_EQ(WorkBudget::current(), nullptr);
  auto work = [] {
    for (volatile int i = 0; i < 100'000; i = i + 1) {
    }
  };
  work();
  EXPECT_EQ(budget.left(), 1'000'000'000);
  {
    const WorkBudget::Scope scope(budget);
    EXPECT_EQ(WorkBudget::current(), &budget);
    EXPECT_TRUE(budget.covers(4000));
    work();
  }
  EXPECT_EQ(WorkBudget::current(), nullptr);
  EXPECT_LT(budget.left(), 1'000'000'000);
}

}  // namespace
}  // namespace sallyport::seclang
