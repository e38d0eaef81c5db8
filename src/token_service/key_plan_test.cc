#include "token_service/key_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::token_service {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr KeySchedule kSchedule{
    .algorithm = "ES256", .rotation = hours(24 * 30), .lifetime = hours(1)};

constexpr std::int64_t at(milliseconds time) { return time.count(); }

TEST(KeyPlan, BeginsWithAKeyThatSignsAtOnce) {
  const KeyPlan plan = plan_keys({}, kSchedule, 1000);
  EXPECT_EQ(plan.make, 1000);
  EXPECT_EQ(plan.signer, "");
}

TEST(KeyPlan, LeavesAYoungKeyAlone) {
  const KeyFacts key{.kid = "a", .algorithm = "ES256", .active_from = 0, .retired = {}};
  const KeyPlan plan = plan_keys({&key, 1}, kSchedule, at(hours(24)));
  EXPECT_FALSE(plan.changes());
  EXPECT_EQ(plan.signer, "a");
}

TEST(KeyPlan, PublishesASuccessorBeforeItSigns) {
  const KeyFacts key{.kid = "a", .algorithm = "ES256", .active_from = 0, .retired = {}};
  const std::int64_t due = at(hours(24 * 30 - 1));
  EXPECT_FALSE(plan_keys({&key, 1}, kSchedule, due - 1).changes());
  const KeyPlan plan = plan_keys({&key, 1}, kSchedule, due);
  EXPECT_EQ(plan.make, due + at(hours(1)));
  EXPECT_EQ(plan.signer, "a");
}

TEST(KeyPlan, GoesOverToTheSuccessorAndRetiresTheFormerKey) {
  const KeyFacts keys[] = {{.kid = "b", .algorithm = "ES256", .active_from = 5000, .retired = {}},
                           {.kid = "a", .algorithm = "ES256", .active_from = 0, .retired = {}}};
  EXPECT_EQ(plan_keys(keys, kSchedule, 4999).signer, "a");
  EXPECT_THAT(plan_keys(keys, kSchedule, 4999).retire, IsEmpty());
  EXPECT_EQ(plan_keys(keys, kSchedule, 5000).signer, "b");
  EXPECT_THAT(plan_keys(keys, kSchedule, 5000).retire, ElementsAre("a"));
}

TEST(KeyPlan, ForgetsARetiredKeyOnceNothingItSignedIsGood) {
  const KeyFacts keys[] = {{.kid = "b", .algorithm = "ES256", .active_from = 0, .retired = {}},
                           {.kid = "a", .algorithm = "ES256", .active_from = 0, .retired = 1000}};
  const std::int64_t end = 1000 + at(hours(1) + minutes(5));
  EXPECT_THAT(plan_keys(keys, kSchedule, end - 1).remove, IsEmpty());
  EXPECT_THAT(plan_keys(keys, kSchedule, end).remove, ElementsAre("a"));
}

TEST(KeyPlan, AnotherAlgorithmIsPublishedBeforeItSigns) {
  const KeyFacts key{.kid = "a", .algorithm = "RS256", .active_from = 0, .retired = {}};
  const KeyPlan plan = plan_keys({&key, 1}, kSchedule, 1000);
  EXPECT_EQ(plan.make, 1000 + at(hours(1)));
  EXPECT_EQ(plan.signer, "a");
}

TEST(KeyPlan, AClockThatWentBackStillFindsAKey) {
  const KeyFacts keys[] = {{.kid = "a", .algorithm = "ES256", .active_from = 5000, .retired = {}},
                           {.kid = "b", .algorithm = "ES256", .active_from = 9000, .retired = {}}};
  const KeyPlan plan = plan_keys(keys, kSchedule, 0);
  EXPECT_EQ(plan.signer, "a");
  EXPECT_FALSE(plan.changes());
}

TEST(KeyPlan, TwoNodesThatBothMadeTheFirstKeyAgree) {
  const KeyFacts one[] = {{.kid = "a", .algorithm = "ES256", .active_from = 7, .retired = {}},
                          {.kid = "b", .algorithm = "ES256", .active_from = 7, .retired = {}}};
  const KeyFacts other[] = {one[1], one[0]};
  EXPECT_EQ(plan_keys(one, kSchedule, 8).signer, plan_keys(other, kSchedule, 8).signer);
  EXPECT_EQ(plan_keys(one, kSchedule, 8).retire, plan_keys(other, kSchedule, 8).retire);
}

}  // namespace
}  // namespace sallyport::token_service
