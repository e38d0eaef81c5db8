// What was found out by some text (a token, a question to a service), so that it is found out once.
//
// A text is known by a keyed hash of 128 bits, whose key nobody outside knows; the text itself is
// not kept. Bounded: what was put there longest ago goes first. Any thread; one of several locks,
// held for a lookup.
#pragma once

#include <sys/random.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/sip_hash.h"

namespace sallyport {

template <typename T>
class KeyedCache {
 public:
  KeyedCache() {
    if (::getrandom(key_.data(), sizeof key_, 0) != sizeof key_) std::abort();
  }

  // Null: nothing is known, or `good(found)` says that it does not hold any more; then it is
  // forgotten.
  template <typename Good>
  [[nodiscard]] std::shared_ptr<const T> find(std::string_view text, Good good) {
    const Hash hash = hash_of(text);
    Shard& shard = shard_of(hash);
    std::scoped_lock lock(shard.mutex);
    auto found = shard.entries.find(hash);
    if (found == shard.entries.end()) return nullptr;
    if (good(*found->second.value)) return found->second.value;
    shard.order.erase(found->second.place);
    shard.entries.erase(found);
    return nullptr;
  }

  void put(std::string_view text, std::shared_ptr<const T> value) {
    const Hash hash = hash_of(text);
    Shard& shard = shard_of(hash);
    std::scoped_lock lock(shard.mutex);
    auto [found, added] = shard.entries.try_emplace(hash);
    found->second.value = std::move(value);
    if (!added) return;
    found->second.place = shard.order.insert(shard.order.end(), hash);
    if (shard.entries.size() > kMostOfShard) {
      shard.entries.erase(shard.order.front());
      shard.order.pop_front();
    }
  }

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMostOfShard = 1024;

  struct Hash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Hash&, const Hash&) = default;
  };
  struct LowHalf {
    std::size_t operator()(const Hash& hash) const { return hash.low; }
  };
  struct Entry {
    std::shared_ptr<const T> value;
    std::list<Hash>::iterator place;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Hash, Entry, LowHalf> entries;
    std::list<Hash> order;  // put there longest ago first
  };

  [[nodiscard]] Hash hash_of(std::string_view text) const {
    const std::array<std::uint64_t, 2> hash = SipHash(key_).of(text);
    return {.low = hash[0], .high = hash[1]};
  }
  [[nodiscard]] Shard& shard_of(const Hash& hash) { return shards_[hash.high % kShards]; }

  std::array<std::uint64_t, 2> key_{};
  std::array<Shard, kShards> shards_;
};

}  // namespace sallyport
