#include "seclang/plan/folding.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "seclang/engine/transaction.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {
namespace {

// Which rules are asked, and which match, for a GET of `uri`.
struct Asked final : Observer {
  std::vector<std::int64_t> rules;
  void begins(const Rule& rule, const Link& /*link*/, std::string_view /*argument*/) override {
    rules.push_back(rule.id);
  }
};

struct Run {
  std::vector<std::int64_t> asked;
  std::vector<std::int64_t> matched;
};

Run run(const Plan& plan, std::string_view uri) {
  std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  SharedCollections shared;
  Asked asked;
  Transaction t(plan, shared, arena, {.work = WorkBudget::kUnlimited});
  t.watch(&asked);
  t.set_request("GET", uri, "1.1");
  t.request_headers();
  t.request_body();
  t.logging();
  Run result{.asked = std::move(asked.rules), .matched = {}};
  for (const Match& match : t.matches()) result.matched.push_back(match.rule->id);
  return result;
}

using Ids = std::vector<std::int64_t>;

// Both ways of evaluation agree on what matches; what folding asks is returned.
Ids asked_by(std::string_view text, std::string_view uri, const Ids& matched) {
  auto rules = load({{.path = "test.conf", .text = std::string(text)}});
  EXPECT_TRUE(rules) << rules.error().front().message;
  if (!rules) return {};
  EXPECT_EQ(run(*plain_plan(*rules), uri).matched, matched);
  Run folded = run(*folded_plan(*rules), uri);
  EXPECT_EQ(folded.matched, matched);
  return folded.asked;
}

constexpr std::string_view kScore = R"(
SecAction "id:1,phase:1,pass,nolog,setvar:tx.score=0,setvar:tx.limit=5"
SecRule ARGS:a "@rx ." "id:2,phase:2,pass,nolog,setvar:tx.score=+5"
SecRule ARGS:b "@rx ." "id:3,phase:2,pass,nolog,setvar:tx.score=+0"
SecRule ARGS:c "@rx ." "id:4,phase:2,pass,nolog,setvar:tx.limit=0"
SecRule TX:score "@ge %{tx.limit}" "id:5,phase:2,pass,log"
)";

TEST(FoldingTest, asks_no_rule_about_tx_as_it_was_at_the_beginning) {
  EXPECT_EQ(asked_by(kScore, "/", {}), (Ids{2, 3, 4}));
}

TEST(FoldingTest, asks_a_rule_once_what_it_looks_at_was_written) {
  EXPECT_EQ(asked_by(kScore, "/?a=1", {5}), (Ids{2, 3, 4, 5}));
}

TEST(FoldingTest, asks_a_rule_once_its_argument_was_written) {
  EXPECT_EQ(asked_by(kScore, "/?c=1", {5}), (Ids{2, 3, 4, 5}));
}

TEST(FoldingTest, a_value_that_was_written_as_it_was_changes_nothing) {
  EXPECT_EQ(asked_by(kScore, "/?b=1", {}), (Ids{2, 3, 4}));
}

constexpr std::string_view kNames = R"(
SecAction "id:1,phase:1,pass,nolog,setvar:tx.attack_known=0"
SecRule ARGS "@rx ^(.*)$" "id:2,phase:2,pass,nolog,setvar:tx.%{MATCHED_VAR}=1"
SecRule ARGS:drop "@rx ." "id:3,phase:2,pass,nolog,setvar:!tx.attack_known"
SecRule TX:/^attack_/ "@eq 1" "id:4,phase:2,pass,log"
SecRule &TX:attack_known "@eq 0" "id:5,phase:2,pass,log"
)";

TEST(FoldingTest, a_rule_about_names_by_a_pattern_is_asked_once_there_are_others) {
  EXPECT_EQ(asked_by(kNames, "/", {}), (Ids{2, 3}));
  EXPECT_EQ(asked_by(kNames, "/?x=attack_new", {4}), (Ids{2, 3, 4}));
  EXPECT_EQ(asked_by(kNames, "/?x=attack_known", {4}), (Ids{2, 3, 4, 5}));
}

TEST(FoldingTest, a_rule_is_asked_once_what_it_counts_is_gone) {
  EXPECT_EQ(asked_by(kNames, "/?drop=attack_known", {5}), (Ids{2, 3, 4, 5}));
}

TEST(FoldingTest, a_rule_about_a_record_is_asked_once_that_holds_what_it_reads) {
  constexpr std::string_view kRules = R"(
SecAction "id:1,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}"
SecRule ARGS:a "@rx ." "id:2,phase:2,pass,nolog,setvar:ip.blocked=1"
SecRule IP:blocked "@eq 1" "id:3,phase:2,pass,log"
SecRule &IP:blocked "@eq 0" "id:4,phase:2,pass,log"
)";
  EXPECT_EQ(asked_by(kRules, "/", {4}), (Ids{2, 4}));
  EXPECT_EQ(asked_by(kRules, "/?a=1", {3}), (Ids{2, 3, 4}));
}

TEST(FoldingTest, a_rule_that_is_not_asked_leaves_behind_what_one_leaves_that_does_not_match) {
  constexpr std::string_view kRules = R"(
SecAction "id:1,phase:1,pass,nolog,setvar:tx.score=0"
SecRule ARGS:a "@rx ." "id:2,phase:2,pass,nolog,setvar:tx.other=1"
SecRule ARGS:b "@rx ." "id:6,phase:2,pass,nolog,setvar:tx.score=1"
SecRule TX:score "@eq 1" "id:3,phase:2,pass,nolog"
SecRule MATCHED_VARS "@rx ." "id:4,phase:2,pass,log"
)";
  EXPECT_EQ(asked_by(kRules, "/?a=1", {}), (Ids{2, 6, 4}));
  EXPECT_EQ(asked_by(kRules, "/?b=1", {4}), (Ids{2, 6, 3, 4}));
}

}  // namespace
}  // namespace sallyport::seclang
