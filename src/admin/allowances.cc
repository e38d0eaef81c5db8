// See allowances.h.
#include "admin/allowances.h"

#include <algorithm>

namespace sallyport::admin {

void Allowances::refill(Left& of, const Terms& terms, std::uint64_t now) {
  constexpr double kSecond = 1000;
  if (now <= of.at) return;  // a clock that goes back gives nothing, nor twice
  const auto since = static_cast<double>(now - of.at);
  of.left = std::min(terms.most, of.left + since / kSecond * terms.per_second);
  of.at = now;
}

// Forgets those who have all that they can have, or else the one who has most.
void Allowances::make_room(const Terms& terms, std::uint64_t now) {
  if (names_.size() < kMostNames) return;
  for (auto& [name, of] : names_) refill(of, terms, now);
  std::erase_if(names_, [&terms](const auto& each) { return each.second.left >= terms.most; });
  if (names_.size() < kMostNames) return;
  names_.erase(
      std::ranges::max_element(names_, {}, [](const auto& each) { return each.second.left; }));
}

bool Allowances::take(const std::string& name, const Terms& terms, std::uint64_t now) {
  auto found = names_.find(name);
  if (found == names_.end()) {
    make_room(terms, now);
    found = names_.emplace(name, Left{.left = terms.most, .at = now}).first;
  }
  refill(found->second, terms, now);
  if (found->second.left < 1) return false;
  found->second.left -= 1;
  return true;
}

}  // namespace sallyport::admin
