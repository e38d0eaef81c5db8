// See used_assertions.h.
#include "token_service/used_assertions.h"

#include "base/sip_hash.h"

namespace sallyport::token_service {

UsedAssertions& UsedAssertions::of_process() {
  static UsedAssertions used;
  return used;
}

UsedAssertions::Use UsedAssertions::use(std::string_view client, std::string_view id,
                                        std::int64_t now, std::int64_t until) {
  // Each text counts as a whole: none can lend its end to the beginning of the other.
  const std::array<Hash, 2> parts = {SipHash(secret_).of(client), SipHash(secret_).of(id)};
  const Hash hash =
      SipHash(secret_).of({reinterpret_cast<const char*>(parts.data()), sizeof parts});  // as text
  const std::uint64_t owner = parts[0][0];
  const std::scoped_lock lock(mutex_);
  forget_past(now);
  if (used_.contains(hash)) return Use::again;
  if (used_.size() >= kMost) return Use::no_room;
  std::size_t& count = of_client_[owner];
  if (count >= kMostOfClient) return Use::no_room;
  ++count;
  used_.emplace(hash, owner);
  ends_.emplace(until, hash);
  return Use::first;
}

void UsedAssertions::forget_past(std::int64_t now) {
  while (!ends_.empty() && ends_.top().first < now) {
    const auto gone = used_.find(ends_.top().second);
    ends_.pop();
    const auto owner = of_client_.find(gone->second);
    if (--owner->second == 0) of_client_.erase(owner);
    used_.erase(gone);
  }
}

}  // namespace sallyport::token_service
