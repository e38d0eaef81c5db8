#include "policies/waf/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/random.h"
#include "seclang/parser/load.h"

namespace sallyport::policies::waf_detail {
namespace {

using seclang::Plan;
using seclang::RuleSet;
using seclang::Transaction;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view kRules = R"(
SecRuleEngine On
SecAction "id:10,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}"
SecAction "id:1,phase:1,pass,nolog,setvar:ip.count=+1"
SecRule ARGS "@contains attack" "id:1001,phase:2,deny,log"
SecRule ARGS "@contains odd" "id:1002,phase:2,pass,log"
)";

std::shared_ptr<const RuleSet> rules() {
  static const auto kLoaded = seclang::load({{.path = "test", .text = std::string(kRules)}});
  EXPECT_TRUE(kLoaded);
  return *kLoaded;
}

// A plan that has lost all rules of phase 2.
std::shared_ptr<const Plan> broken_plan() {
  seclang::Folding folding = seclang::unfolded(*rules());
  folding.phases[2].live.clear();
  std::ranges::fill(folding.phases[2].next, 0);
  auto tx = std::make_unique<const seclang::TxImage>(*rules(), folding);
  return std::make_shared<Plan>(Plan{
      .rules = rules(), .folding = std::move(folding), .tx = std::move(tx), .scanner = nullptr});
}

// An exchange inspected by a plan, while it lives.
class Live {
 public:
  Live(const Plan& plan, std::string_view uri, seclang::SharedCollections& shared)
      : transaction(plan, shared, arena_, {.unique_id = "0123456789abcdef", .seconds = 1}) {
    transaction.set_connection("192.0.2.1", 1, "192.0.2.2", 2);
    transaction.set_request("GET", uri, "1.1");
    transaction.request_headers();
    transaction.set_request_body("");
    transaction.request_body();
    transaction.logging();
  }

 private:
  std::array<std::byte, 4096> block_{};
  Arena arena_{block_};

 public:
  Transaction transaction;
};

Judged judged(const std::shared_ptr<const Plan>& plan, std::string_view uri) {
  seclang::SharedCollections shared;
  Live live(*plan, uri, shared);
  return {.owner = plan,
          .plan = plan.get(),
          .request = live.transaction.recording(),
          .outcome = seclang::outcome_of(live.transaction)};
}

TEST(WafVerifier, AgreesWithAPlanThatLeavesOutNothing) {
  for (std::string_view uri : {"/?a=attack", "/?a=odd", "/"}) {
    EXPECT_EQ(check(judged(seclang::folded_plan(rules()), uri)).result, InspectionCheck::agreed);
  }
}

TEST(WafVerifier, NamesBothSetsOfRulesAndTheRequestWhenThePlanIsWrong) {
  Checked checked = check(judged(broken_plan(), "/?a=attack+odd"));
  EXPECT_EQ(checked.result, InspectionCheck::disagreed);
  EXPECT_THAT(checked.message, AllOf(HasSubstr("request 0123456789abcdef matched rules [none]"),
                                     HasSubstr("rules [1001, status 403]")));
  EXPECT_EQ(check(judged(broken_plan(), "/?a=harmless")).result, InspectionCheck::agreed);
}

TEST(WafVerifier, DoesNotBlameThePlanForWhatCannotBeRepeated) {
  Judged changed = judged(seclang::folded_plan(rules()), "/?a=odd");
  changed.outcome.rules = {1001};
  Checked checked = check(changed);
  EXPECT_EQ(checked.result, InspectionCheck::unrepeatable);
  EXPECT_THAT(checked.message, AllOf(HasSubstr("[1001]"), HasSubstr("[1002]")));
}

std::uint64_t all(const InspectionChecks& checks) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kInspectionChecks.size(); ++i) {
    sum += checks.count_of(static_cast<InspectionCheck>(i));
  }
  return sum;
}

void wait_for(const InspectionChecks& checks, std::uint64_t count) {
  while (all(checks) < count) std::this_thread::yield();
}

TEST(WafVerifier, CountsOnItsOwnThreadAndLeavesCollectionsAlone) {
  InspectionChecks checks;
  Verifier verifier(checks);
  seclang::SharedCollections shared;
  const seclang::SharedCollections::Id id{.collection = seclang::Variable::ip,
                                          .key = "\n192.0.2.1"};
  auto plan = seclang::folded_plan(rules());
  {
    Live live(*plan, "/?a=attack", shared);
    verifier.take(plan, *plan, live.transaction);
  }
  wait_for(checks, 1);
  EXPECT_EQ(checks.count_of(InspectionCheck::agreed), 1U);
  EXPECT_EQ(checks.last_disagreed(), "");
  auto values = shared.read(id, 1);
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values.front().second, "1") << "counted once";

  auto broken = broken_plan();
  {
    Live live(*broken, "/?a=attack", shared);
    const Plan& plan_alone = *broken;
    verifier.take(std::move(broken), plan_alone, live.transaction);
  }
  wait_for(checks, 2);
  EXPECT_EQ(checks.count_of(InspectionCheck::disagreed), 1U);
  EXPECT_EQ(checks.last_disagreed(), "0123456789abcdef");
}

TEST(WafVerifier, DropsWhatIsTooLarge) {
  InspectionChecks checks;
  auto plan = seclang::folded_plan(rules());
  Verifier verifier(checks);
  seclang::SharedCollections shared;
  Live large(*plan, "/?a=" + std::string(Verifier::kMostBytes, 'x'), shared);
  verifier.take(plan, *plan, large.transaction);
  EXPECT_EQ(checks.count_of(InspectionCheck::dropped), 1U);
}

// Its thread is held up by an owner that takes its time to go.
TEST(WafVerifier, DropsWhatFindsNoRoom) {
  InspectionChecks checks;
  std::mutex held;
  auto plan = seclang::folded_plan(rules());
  seclang::SharedCollections shared;
  Live live(*plan, "/?a=odd", shared);
  Verifier verifier(checks);
  std::unique_lock lock(held);
  auto slow = std::shared_ptr<const void>(plan.get(),
                                          [&held](const void*) { std::scoped_lock wait(held); });
  verifier.take(std::move(slow), *plan, live.transaction);
  wait_for(checks, 1);  // evaluated; its owner is what the thread waits for
  for (std::size_t i = 0; i < 2 * Verifier::kMostWaiting; ++i) {
    verifier.take(plan, *plan, live.transaction);
  }
  EXPECT_GE(checks.count_of(InspectionCheck::dropped), Verifier::kMostWaiting);
  lock.unlock();
  wait_for(checks, 1 + 2 * Verifier::kMostWaiting);
  EXPECT_LE(checks.count_of(InspectionCheck::agreed), 1 + Verifier::kMostWaiting);
}

TEST(WafVerifier, SamplesTheShareItIsToldTo) {
  Random random;
  int found = 0;
  constexpr int kIds = 100'000;
  for (int i = 0; i < kIds; ++i) {
    std::string id(32, '0');
    write_hex(id.data(), random.next());
    write_hex(id.data() + 16, random.next());
    if (Share(0.1).contains(id)) ++found;
    EXPECT_FALSE(Share(0).contains(id));
    EXPECT_TRUE(Share(1).contains(id));
  }
  // Ten standard deviations.
  EXPECT_NEAR(found, kIds / 10, 950);
  EXPECT_FALSE(Share(1).contains(std::string(32, '\0'))) << "no request has such an id";
}

}  // namespace
}  // namespace sallyport::policies::waf_detail
