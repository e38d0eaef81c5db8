#include "admin/allowances.h"

#include <gtest/gtest.h>

namespace sallyport::admin {
namespace {

constexpr Allowances::Terms kTerms{.most = 5, .per_second = 2};

int taken(Allowances& all, const std::string& name, std::uint64_t now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += all.take(name, kTerms, now) ? 1 : 0;
  return count;
}

TEST(Allowances, EachNameHasItsOwnWhichGrowsAgain) {
  Allowances all;
  EXPECT_EQ(taken(all, "a", 0, 50), 5);
  EXPECT_EQ(taken(all, "b", 0, 50), 5);
  EXPECT_EQ(taken(all, "a", 499, 50), 0);
  EXPECT_EQ(taken(all, "a", 500, 50), 1);
  EXPECT_EQ(taken(all, "a", 60'000, 50), 5);
}

TEST(Allowances, AClockThatGoesBackGivesNothingTwice) {
  Allowances all;
  EXPECT_EQ(taken(all, "a", 10'000, 50), 5);
  EXPECT_EQ(taken(all, "a", 1'000, 50), 0);
  EXPECT_EQ(taken(all, "a", 10'000, 50), 0);
}

TEST(Allowances, WhoHasUsedHisUpIsNotForgottenForOthers) {
  Allowances all;
  EXPECT_EQ(taken(all, "greedy", 0, 50), 5);
  for (std::size_t i = 0; i < 3 * Allowances::kMostNames; ++i) {
    EXPECT_EQ(taken(all, std::to_string(i), 0, 1), 1);
  }
  EXPECT_EQ(taken(all, "greedy", 0, 1), 0);
}

}  // namespace
}  // namespace sallyport::admin
