// See key_plan.h.
#include "token_service/key_plan.h"

#include <algorithm>
#include <tuple>

namespace sallyport::token_service {
namespace {

using std::chrono::milliseconds;

// By how much clocks of those who verify may differ from ours.
constexpr milliseconds kClocks = std::chrono::minutes(5);
constexpr milliseconds kLongestNotice = std::chrono::hours(1);

auto age(const KeyFacts* key) { return std::tie(key->active_from, key->kid); }

}  // namespace

milliseconds time_kept(milliseconds lifetime) { return lifetime + kClocks; }

KeyPlan plan_keys(std::span<const KeyFacts> keys, const KeySchedule& schedule, std::int64_t now) {
  KeyPlan plan;
  const std::int64_t notice = std::min(schedule.rotation / 4, kLongestNotice).count();
  std::vector<const KeyFacts*> in_use;  // and to come, oldest first
  for (const KeyFacts& key : keys) {
    if (!key.retired) {
      in_use.push_back(&key);
    } else if (*key.retired + time_kept(schedule.lifetime).count() <= now) {
      plan.remove.emplace_back(key.kid);
    }
  }
  if (in_use.empty()) {
    plan.make = now;
    return plan;
  }
  std::ranges::sort(in_use, {}, age);
  // The newest whose time has come; the first where a clock went back behind all of them.
  const KeyFacts* signer = in_use.front();
  for (const KeyFacts* key : in_use) {
    if (key->active_from <= now) signer = key;
  }
  plan.signer = signer->kid;
  for (const KeyFacts* key : in_use) {
    if (key == signer) break;
    plan.retire.emplace_back(key->kid);
  }
  const KeyFacts* newest = in_use.back();
  if (newest->algorithm != schedule.algorithm ||
      newest->active_from + schedule.rotation.count() - notice <= now) {
    plan.make = now + notice;
  }
  return plan;
}

}  // namespace sallyport::token_service
