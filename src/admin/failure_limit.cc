// See failure_limit.h.
#include "admin/failure_limit.h"

#include <algorithm>

namespace sallyport::admin {

void FailureLimit::refill(Allowance& allowance, double most, std::uint64_t now) {
  constexpr double kMinute = 60'000;
  const double since = now > allowance.at ? static_cast<double>(now - allowance.at) : 0;
  allowance.left = std::min(most, allowance.left + since / kMinute * most);
  allowance.at = now;
}

// Forgets those who have their whole allowance again, or else the one who has most of it.
void FailureLimit::make_room(std::uint64_t now) {
  if (addresses_.size() < kMostAddresses) return;
  for (auto& [address, allowance] : addresses_) refill(allowance, kPerAddress, now);
  std::erase_if(addresses_, [](const auto& each) { return each.second.left >= kPerAddress; });
  if (addresses_.size() < kMostAddresses) return;
  addresses_.erase(
      std::ranges::max_element(addresses_, {}, [](const auto& each) { return each.second.left; }));
}

bool FailureLimit::take(const std::string& address, std::uint64_t now) {
  auto found = addresses_.find(address);
  if (found == addresses_.end()) {
    make_room(now);
    found = addresses_.emplace(address, Allowance{.left = kPerAddress, .at = now}).first;
  }
  refill(found->second, kPerAddress, now);
  refill(total_, kInTotal, now);
  if (found->second.left < 1 || total_.left < 1) return false;
  found->second.left -= 1;
  total_.left -= 1;
  return true;
}

}  // namespace sallyport::admin
