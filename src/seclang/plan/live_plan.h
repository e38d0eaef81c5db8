// A plan that serves at once and gets faster: the rules are evaluated without a scanner until the
// scanner is there, from the cache or compiled on a thread in the background. Verdicts are the same
// before and after.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "seclang/plan/cache.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {

class LivePlan : public std::enable_shared_from_this<LivePlan> {
 public:
  [[nodiscard]] static std::shared_ptr<LivePlan> make(std::shared_ptr<const RuleSet> rules,
                                                      Cache cache);
  LivePlan(const LivePlan&) = delete;
  LivePlan& operator=(const LivePlan&) = delete;

  // The best there is. Any thread, without waiting. Valid as long as this object. The first call
  // starts the making of the scanner: who only checks a configuration does not pay for it.
  [[nodiscard]] const Plan& get() const;

 private:
  LivePlan(std::shared_ptr<const Plan> folded, Cache cache)
      : folded_(std::move(folded)), cache_(std::move(cache)) {}
  void improve(const std::atomic<bool>& stop);

  std::shared_ptr<const Plan> folded_;
  std::shared_ptr<const Plan> kept_;  // what `full_` points to
  std::atomic<const Plan*> full_{nullptr};
  mutable std::atomic<bool> asked_{false};
  Cache cache_;
};

}  // namespace sallyport::seclang
