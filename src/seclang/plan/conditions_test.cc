#include "seclang/plan/conditions.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "seclang/parser/load.h"

namespace sallyport::seclang {
namespace {

// What must be so before the one rule of a text can match.
class Conditions : public ::testing::Test {
 protected:
  std::vector<Condition> of(const std::string& text) {
    auto loaded = load({{.path = "test.conf", .text = text}});
    EXPECT_TRUE(loaded) << loaded.error().front().message;
    if (!loaded) return {};
    rules_ = *loaded;
    for (const std::deque<Rule>& phase : rules_->phases) {
      if (!phase.empty()) {
        return conditions_of(phase.front(), unfolded(*rules_), reads_severity(*rules_));
      }
    }
    ADD_FAILURE() << "no rule";
    return {};
  }

  std::shared_ptr<const RuleSet> rules_;  // what the conditions point into
};

TEST_F(Conditions, AreOneForEachLinkUpToTheFirstThatHasAnEffect) {
  EXPECT_EQ(of("SecRule ARGS \"@contains a\" \"id:1,phase:2,pass,chain\"\n"
               "SecRule ARGS \"@contains b\" \"chain\"\nSecRule ARGS \"@contains c\"\n")
                .size(),
            3U);
  EXPECT_EQ(of("SecRule ARGS \"@contains a\" \"id:1,phase:2,pass,chain\"\n"
               "SecRule ARGS \"@contains b\" \"setvar:tx.n=+1,chain\"\n"
               "SecRule ARGS \"@contains c\"\n")
                .size(),
            2U);
}

// A pattern that gives up is counted, so what stands before others in a chain has to be asked.
TEST_F(Conditions, EndAtAPatternThatMayGiveUpHoweverItsOperatorIsSpelt) {
  for (const std::string& name : std::vector<std::string>{"rx", "RX", "rxGlobal", "RxGlobal"}) {
    EXPECT_EQ(of("SecRule ARGS \"@" + name + " (?:a+b*){9,90}c\" \"id:1,phase:2,pass,chain\"\n" +
                 "SecRule ARGS \"@contains b\"\n")
                  .size(),
              1U)
        << name;
  }
}

TEST_F(Conditions, AreAskedByPatternsWhereTheScannerTakesThem) {
  for (const std::string& name : std::vector<std::string>{"rx", "Rx", "pm", "PM"}) {
    const std::vector<Condition> all =
        of("SecRule ARGS \"@" + name + " abc\" \"id:1,phase:2,pass\"\n");
    ASSERT_EQ(all.size(), 1U) << name;
    EXPECT_TRUE(all.front().by_patterns) << name;
  }
  const std::vector<Condition> all = of("SecRule ARGS \"@streq abc\" \"id:1,phase:2,pass\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all.front().by_patterns);
}

TEST_F(Conditions, AreNoneWhereRulesWriteWhatIsLookedAt) {
  EXPECT_TRUE(of("SecRule TX:a \"@streq b\" \"id:1,phase:2,pass\"\n").empty());
  // Known, but only in a later phase.
  EXPECT_TRUE(of("SecRule ARGS_POST \"@streq b\" \"id:1,phase:1,pass\"\n").empty());
}

}  // namespace
}  // namespace sallyport::seclang
