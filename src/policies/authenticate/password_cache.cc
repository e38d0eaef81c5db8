#include "policies/authenticate/password_cache.h"

#include <sys/random.h>

#include <cstdlib>

#include "base/sip_hash.h"

namespace sallyport::policies::authenticate_detail {

PasswordCache::PasswordCache() {
  if (::getrandom(secret_.data(), sizeof secret_, 0) != sizeof secret_) std::abort();
}

PasswordCache::Key PasswordCache::key_of(const BasicCredentials& credentials,
                                         std::string_view hash) const {
  // Two hashes of fixed size rather than one of everything behind each other, which could be split
  // in several ways; and no copy of the password.
  SipHash of_user(secret_);
  const std::array<std::uint64_t, 2> user = of_user.of(credentials.user());
  SipHash of_hash(user);
  const std::array<std::uint64_t, 2> account = of_hash.of(hash);
  const std::array<std::uint64_t, 2> mixed{account[0] ^ secret_[0], account[1] ^ secret_[1]};
  SipHash of_password(mixed);
  const std::array<std::uint64_t, 2> key = of_password.of(credentials.password());
  return {.low = key[0], .high = key[1]};
}

bool PasswordCache::knows(const Key& key, std::uint64_t now) {
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return false;
  if (now < found->second.until) return true;
  shard.order.erase(found->second.place);
  shard.entries.erase(found);
  return false;
}

void PasswordCache::remember(const Key& key, std::uint64_t until) {
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  auto [found, added] = shard.entries.try_emplace(key);
  found->second.until = until;
  if (!added) return;
  found->second.place = shard.order.insert(shard.order.end(), key);
  if (shard.entries.size() > kMostOfShard) {
    shard.entries.erase(shard.order.front());
    shard.order.pop_front();
  }
}

}  // namespace sallyport::policies::authenticate_detail
