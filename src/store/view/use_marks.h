// When keys were last used: one number each, which any worker sets without a lock and the store's
// thread collects.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace sallyport::store {

class UseMarks {
 public:
  using Mark = std::uint32_t;
  static constexpr Mark kNone = 0xFFFFFFFF;

  // Any thread that was given `mark` by way of a view. `now` in Unix milliseconds. A mark moves
  // once a second at most, so that a busy key does not travel between processors.
  void note(Mark mark, std::int64_t now) const {
    if (mark == kNone) return;
    auto& second = (*chunks_[mark / kChunk])[mark % kChunk];
    const auto current = static_cast<std::uint32_t>(now / 1000);
    if (second.load(std::memory_order_relaxed) < current) {
      second.store(current, std::memory_order_relaxed);
    }
  }

  // Asks memory for a mark that may be set soon.
  void prefetch(Mark mark) const {
    if (mark != kNone) __builtin_prefetch(&(*chunks_[mark / kChunk])[mark % kChunk], 1);
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
    (*chunks_[mark / kChunk])[mark % kChunk].store(0, std::memory_order_relaxed);
    free_.push_back(mark);
  }

  // Unix milliseconds; 0: not used since the mark was added.
  [[nodiscard]] std::int64_t time(Mark mark) const {
    if (mark == kNone) return 0;
    return std::int64_t{(*chunks_[mark / kChunk])[mark % kChunk].load(std::memory_order_relaxed)} *
           1000;
  }

 private:
  static constexpr Mark kChunk = 4096;
  static constexpr Mark kMostChunks = 4096;
  using Chunk = std::array<std::atomic<std::uint32_t>, kChunk>;
  // Chunks never move, and a reader learns of a mark only after its chunk was made.
  std::vector<std::unique_ptr<Chunk>> chunks_{kMostChunks};
  std::vector<Mark> free_;
  Mark next_ = 0;
};

}  // namespace sallyport::store
