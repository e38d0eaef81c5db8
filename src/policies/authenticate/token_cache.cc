#include "policies/authenticate/token_cache.h"

#include <sys/random.h>

#include <cstdlib>

#include "base/sip_hash.h"

namespace sallyport::policies::authenticate_detail {
TokenCache::TokenCache() {
  if (::getrandom(key_.data(), sizeof key_, 0) != sizeof key_) std::abort();
}

TokenCache::Hash TokenCache::hash_of(std::string_view token) const {
  const std::array<std::uint64_t, 2> hash = SipHash(key_).of(token);
  return {.low = hash[0], .high = hash[1]};
}

std::shared_ptr<const Proven> TokenCache::find(std::string_view token, jose::Time now,
                                               std::uint64_t generation) {
  const Hash hash = hash_of(token);
  Shard& shard = shard_of(hash);
  std::scoped_lock lock(shard.mutex);
  auto found = shard.entries.find(hash);
  if (found == shard.entries.end()) return nullptr;
  const Proven& proven = *found->second.proven;
  if (proven.good_until > now && proven.generation == generation) return found->second.proven;
  shard.order.erase(found->second.place);
  shard.entries.erase(found);
  return nullptr;
}

void TokenCache::put(std::string_view token, std::shared_ptr<const Proven> proven) {
  const Hash hash = hash_of(token);
  Shard& shard = shard_of(hash);
  std::scoped_lock lock(shard.mutex);
  auto [found, added] = shard.entries.try_emplace(hash);
  found->second.proven = std::move(proven);
  if (!added) return;
  found->second.place = shard.order.insert(shard.order.end(), hash);
  if (shard.entries.size() > kMostOfShard) {
    shard.entries.erase(shard.order.front());
    shard.order.pop_front();
  }
}

}  // namespace sallyport::policies::authenticate_detail
