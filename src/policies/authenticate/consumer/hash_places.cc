#include "policies/authenticate/consumer/hash_places.h"

#include <algorithm>

namespace sallyport::policies::authenticate_detail {
namespace {

// What is handed out as a whole, so that whoever has an address of it may have all of them.
net::Address network_of(net::Address address) {
  constexpr std::ptrdiff_t kV4 = 12 + 3;  // behind ::ffff:
  constexpr std::ptrdiff_t kV6 = 8;
  std::fill(address.bytes.begin() + (address.is_v4() ? kV4 : kV6), address.bytes.end(),
            std::uint8_t{0});
  return address;
}

}  // namespace

std::optional<HashPlaces::Place> HashPlaces::take(const net::Address& address) {
  const net::Address network = network_of(address);
  const std::scoped_lock lock(mutex_);
  if (taken_ == kMost) return std::nullopt;
  auto slot = std::ranges::find_if(
      slots_, [&](const Slot& each) { return each.taken > 0 && each.network == network; });
  if (slot == slots_.end()) slot = std::ranges::find(slots_, 0U, &Slot::taken);
  if (slot->taken == kOfNetwork) return std::nullopt;
  slot->network = network;
  ++slot->taken;
  ++taken_;
  return Place(*this, static_cast<std::size_t>(slot - slots_.begin()));
}

void HashPlaces::leave(std::size_t slot) {
  const std::scoped_lock lock(mutex_);
  --slots_.at(slot).taken;
  --taken_;
}

}  // namespace sallyport::policies::authenticate_detail
