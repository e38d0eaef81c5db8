// What is learned of keys while they are used: when that was last, and what proved them. Any worker
// sets it without a lock, and the store's thread collects the times.
//
// A proof is a hash of the presented text under a key that nobody outside knows, kept once the text
// was held against the stored hash: from then on the same text is known at a tenth of the cost.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/sip_hash.h"
#include "store/encoding.h"

namespace sallyport::store {

class UseMarks {
 public:
  using Mark = std::uint32_t;
  static constexpr Mark kNone = 0xFFFFFFFF;
  using Proof = std::array<std::uint64_t, 2>;

  // Of a text with the key's id in it, for the stored hash that it is held against: with another
  // stored hash it is unknown again.
  [[nodiscard]] Proof proof_of(std::string_view text, const Hash& stored) const {
    std::array<std::uint64_t, 2> mixed;  // NOLINT(*-member-init)
    static_assert(sizeof mixed <= sizeof stored);
    std::memcpy(mixed.data(), stored.data(), sizeof mixed);
    mixed[0] ^= hash_key_[0];
    mixed[1] ^= hash_key_[1];
    return SipHash(mixed).of(text);
  }
  // Whether `proof` was kept for this mark, in a time that does not tell how much of it is right.
  [[nodiscard]] bool is_kept(Mark mark, const Proof& proof) const {
    if (mark == kNone) return false;
    const auto& kept = slot(mark).proof;
    return ((kept[0].load(std::memory_order_relaxed) ^ proof[0]) |
            (kept[1].load(std::memory_order_relaxed) ^ proof[1])) == 0;
  }
  // A key has one secret, so whoever else keeps a proof for the mark keeps the same.
  void keep(Mark mark, const Proof& proof) const {
    if (mark == kNone) return;
    auto& kept = slot(mark).proof;
    kept[0].store(proof[0], std::memory_order_relaxed);
    kept[1].store(proof[1], std::memory_order_relaxed);
  }

  // Any thread that was given `mark` by way of a view. `now` in Unix milliseconds. A mark moves
  // once a second at most, so that a busy key does not travel between processors.
  void note(Mark mark, std::int64_t now) const {
    if (mark == kNone) return;
    auto& second = slot(mark).second;
    const auto current = static_cast<std::uint32_t>(now / 1000);
    if (second.load(std::memory_order_relaxed) < current) {
      second.store(current, std::memory_order_relaxed);
    }
  }

  // Asks memory for a mark that may be set soon.
  void prefetch(Mark mark) const {
    if (mark != kNone) __builtin_prefetch(&slot(mark), 1);
  }

  // The rest is the store's thread's. A new mark; kNone when there are 16 million already, whose
  // keys then show no use.
  [[nodiscard]] Mark add() {
    if (!free_.empty()) {
      const Mark mark = free_.back();
      free_.pop_back();
      return mark;
    }
    if (next_ == kChunk * kMostChunks) return kNone;
    if (next_ % kChunk == 0) chunks_[next_ / kChunk] = std::make_unique<Chunk>();
    return next_++;
  }

  // For a key that is gone. A worker with an old view may still note a use, which then counts for
  // the next key of this mark: at most the time until that worker takes the next view.
  void release(Mark mark) {
    if (mark == kNone) return;
    slot(mark).second.store(0, std::memory_order_relaxed);
    keep(mark, {});
    free_.push_back(mark);
  }

  // Unix milliseconds; 0: not used since the mark was added.
  [[nodiscard]] std::int64_t time(Mark mark) const {
    if (mark == kNone) return 0;
    return std::int64_t{slot(mark).second.load(std::memory_order_relaxed)} * 1000;
  }

 private:
  static constexpr Mark kChunk = 4096;
  static constexpr Mark kMostChunks = 4096;
  struct alignas(32) Slot {  // never on two cache lines
    std::array<std::atomic<std::uint64_t>, 2> proof;
    std::atomic<std::uint32_t> second;
  };
  using Chunk = std::array<Slot, kChunk>;
  [[nodiscard]] Slot& slot(Mark mark) const { return (*chunks_[mark / kChunk])[mark % kChunk]; }

  const std::array<std::uint64_t, 2> hash_key_ = random_hash_key();
  // Chunks never move, and a reader learns of a mark only after its chunk was made.
  std::vector<std::unique_ptr<Chunk>> chunks_{kMostChunks};
  std::vector<Mark> free_;
  Mark next_ = 0;
};

}  // namespace sallyport::store
