// A table of bounded size that threads share: what was put there longest ago goes first.
//
// Its keys are keyed hashes of 128 bits, whose key nobody outside knows (base/sip_hash.h): nobody
// can choose which of them fall together. Any thread; one of several locks, held for a lookup.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace sallyport {

template <typename T, std::size_t kMostOfShard>
class RecentTable {
 public:
  using Key = std::array<std::uint64_t, 2>;

  // Nothing is known, or `good(found)` says that it does not hold any more; then it is forgotten.
  template <typename Good>
  [[nodiscard]] std::optional<T> find(const Key& key, Good good) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.entries.find(key);
    if (found == shard.entries.end()) return std::nullopt;
    if (good(found->second.value)) return found->second.value;
    shard.order.erase(found->second.place);
    shard.entries.erase(found);
    return std::nullopt;
  }

  // Replaces what is there; that keeps its place in the order.
  void put(const Key& key, T value) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    auto [found, added] = shard.entries.try_emplace(key);
    found->second.value = std::move(value);
    if (!added) return;
    found->second.place = shard.order.insert(shard.order.end(), key);
    if (shard.entries.size() > kMostOfShard) {
      shard.entries.erase(shard.order.front());
      shard.order.pop_front();
    }
  }

 private:
  static constexpr std::size_t kShards = 16;

  struct FirstHalf {
    std::size_t operator()(const Key& key) const { return key[0]; }
  };
  struct Entry {
    T value{};
    std::list<Key>::iterator place;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Key, Entry, FirstHalf> entries;
    std::list<Key> order;  // put there longest ago first
  };
  [[nodiscard]] Shard& shard_of(const Key& key) { return shards_[key[1] % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace sallyport
