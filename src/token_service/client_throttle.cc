// See client_throttle.h.
#include "token_service/client_throttle.h"

#include <algorithm>
#include <string>

#include "base/sip_hash.h"

namespace sallyport::token_service {
namespace {

// Whoever has an IPv6 address has all of its /64.
std::string_view network_of(const net::Address& address) {
  constexpr std::size_t kPrefix = 8;
  const std::size_t size = address.is_v4() ? address.bytes.size() : kPrefix;
  return {reinterpret_cast<const char*>(address.bytes.data()), size};  // bytes as text
}

double left_of(double level, std::int64_t since, std::int64_t now, std::int64_t pause) {
  const auto passed = static_cast<double>(std::max<std::int64_t>(0, now - since));
  return std::max(0.0, level - passed / static_cast<double>(pause));
}

}  // namespace

ClientThrottle& ClientThrottle::of_process() {
  static ClientThrottle throttle;
  return throttle;
}

ClientThrottle::ClientThrottle() : slots_(kSlots) {}

std::array<ClientThrottle::Counted, 2> ClientThrottle::counted(std::string_view client,
                                                               const net::Address& address) const {
  const std::string_view network = network_of(address);
  std::string both(network);
  both.append(1, '\0').append(client);
  return {
      Counted{.key = SipHash(secret_).of(both)[0] | 1, .most = kOfClient, .pause = kClientPause},
      Counted{
          .key = SipHash(secret_).of(network)[0] | 1, .most = kOfAddress, .pause = kAddressPause}};
}

// The one of that key; if there is none, the one that is missed least, emptied.
ClientThrottle::Slot& ClientThrottle::slot_of(const Counted& what, std::int64_t now) {
  const std::size_t first = (what.key >> 1) % (kSlots / kWays) * kWays;
  Slot* least = &slots_[first];
  double least_level = least->level;
  for (std::size_t i = first; i < first + kWays; ++i) {
    Slot& slot = slots_[i];
    if (slot.key == what.key) return slot;
    const double level = left_of(slot.level, slot.since, now, what.pause);
    if (level >= least_level && least != &slot) continue;
    least = &slot;
    least_level = level;
  }
  *least = {.key = what.key, .level = 0, .since = now};
  return *least;
}

bool ClientThrottle::may_try(std::string_view client, const net::Address& address,
                             std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(counted(client, address), [&](const Counted& what) {
    const std::size_t first = (what.key >> 1) % (kSlots / kWays) * kWays;
    for (std::size_t i = first; i < first + kWays; ++i) {
      const Slot& slot = slots_[i];
      if (slot.key != what.key) continue;
      return left_of(slot.level, slot.since, now, what.pause) + 1 <= what.most;
    }
    return true;
  });
}

void ClientThrottle::note(std::string_view client, const net::Address& address, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  for (const Counted& what : counted(client, address)) {
    Slot& slot = slot_of(what, now);
    slot.level = left_of(slot.level, slot.since, now, what.pause) + 1;
    slot.since = now;
  }
}

}  // namespace sallyport::token_service
