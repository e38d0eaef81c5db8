// A table of records by key that costs little to change: 256 shards, each an array with open
// addressing. A copy shares all shards but those that change, so one revocation among 100,000 keys
// copies some 400 of them.
//
// An Entry has `key()`, and `static std::uint64_t hash(key)`, whose bits are all well mixed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::store {

// Immutable but for apply(), which is for a copy that no other thread has yet.
template <typename Entry>
class ShardedTable {
 public:
  using Key = std::remove_cvref_t<std::invoke_result_t<decltype(&Entry::key), const Entry&>>;
  // An entry that is new or takes the place of one; or a key whose entry goes.
  using Change = std::variant<Entry, Key>;

  [[nodiscard]] const Entry* find(const Key& key) const {
    const std::uint64_t hash = Entry::hash(key);
    const Shard* shard = shards_[shard_of(hash)].get();
    return shard == nullptr ? nullptr : shard->find(key, hash);
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) total += shard == nullptr ? 0 : shard->count();
    return total;
  }

  // Of the arrays, without what entries point to.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) total += shard == nullptr ? 0 : shard->bytes();
    return total;
  }

  // Rebuilds the shards that `changes` touch, each once. Of several changes to one key the last
  // holds.
  void apply(std::vector<Change> changes) {
    std::array<std::vector<Change>, kShards> parts;
    for (Change& change : changes) {
      parts[shard_of(Entry::hash(key_of(change)))].push_back(std::move(change));
    }
    for (std::size_t i = 0; i < kShards; ++i) {
      if (parts[i].empty()) continue;
      auto rebuilt = std::make_shared<Shard>(shards_[i].get(), parts[i].size());
      for (Change& change : parts[i]) rebuilt->apply(std::move(change));
      shards_[i] = std::move(rebuilt);
    }
  }

 private:
  static constexpr std::size_t kShards = 256;
  static std::size_t shard_of(std::uint64_t hash) { return hash >> 56; }

  static Key key_of(const Change& change) {
    const auto* entry = std::get_if<0>(&change);
    return entry != nullptr ? entry->key() : std::get<1>(change);
  }

  class Shard {
   public:
    // With the entries of `before`, if any, and room for `more`: at most two thirds full, so that
    // runs stay short.
    Shard(const Shard* before, std::size_t more) {
      const std::size_t most = more + (before == nullptr ? 0 : before->count_);
      slots_.resize(most + most / 2 + 1);
      if (before == nullptr) return;
      for (const auto& slot : before->slots_) {
        if (slot) put(*slot);
      }
    }

    [[nodiscard]] const Entry* find(const Key& key, std::uint64_t hash) const {
      // A search mostly ends in the first slot. Its end is asked for along with its beginning,
      // where the key is.
      __builtin_prefetch(reinterpret_cast<const char*>(&slots_[home(hash)] + 1) - 1);
      const auto& slot = slots_[place_of(key, hash)];
      return slot ? &*slot : nullptr;
    }

    void apply(Change change) {
      if (auto* entry = std::get_if<0>(&change)) {
        put(std::move(*entry));
      } else {
        drop(std::get<1>(change));
      }
    }

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::size_t bytes() const { return slots_.capacity() * sizeof(slots_[0]); }

   private:
    [[nodiscard]] std::size_t home(std::uint64_t hash) const {
      return static_cast<std::size_t>(((hash & 0xFFFFFFFFU) * slots_.size()) >> 32);
    }
    [[nodiscard]] std::size_t after(std::size_t place) const {
      return place + 1 == slots_.size() ? 0 : place + 1;
    }

    // Of the entry, or of the empty slot where it would be. One slot is always empty.
    [[nodiscard]] std::size_t place_of(const Key& key, std::uint64_t hash) const {
      std::size_t place = home(hash);
      while (slots_[place] && !(slots_[place]->key() == key)) place = after(place);
      return place;
    }

    void put(Entry entry) {
      auto& slot = slots_[place_of(entry.key(), Entry::hash(entry.key()))];
      if (!slot) ++count_;
      slot.emplace(std::move(entry));
    }

    void drop(const Key& key) {
      std::size_t hole = place_of(key, Entry::hash(key));
      if (!slots_[hole]) return;
      --count_;
      slots_[hole].reset();
      // Those behind that a search would no longer reach move up into the hole.
      for (std::size_t i = after(hole); slots_[i]; i = after(i)) {
        const std::size_t wanted = home(Entry::hash(slots_[i]->key()));
        const bool reached =
            hole <= i ? hole < wanted && wanted <= i : hole < wanted || wanted <= i;
        if (reached) continue;
        slots_[hole].emplace(std::move(*slots_[i]));
        slots_[i].reset();
        hole = i;
      }
    }

    std::vector<std::optional<Entry>> slots_;
    std::size_t count_ = 0;
  };

  std::array<std::shared_ptr<const Shard>, kShards> shards_;
};

}  // namespace sallyport::store
