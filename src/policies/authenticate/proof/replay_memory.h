// What has been used and may not be used again: proofs of possession, signatures, logins that came
// back and logout tokens, each good once. Private to this folder.
//
// Of the process, so neither a reload nor another route forgets. Its size is fixed: 2^20 entries,
// 24 MiB once they were needed, enough for 8,000 proofs a second that are good for two minutes.
// When there is no room it says so and nothing is accepted: to forget early would let everybody who
// can make enough proofs of his own replay somebody else's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/random.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

class ReplayMemory {
 public:
  enum class Answer : std::uint8_t { fresh, seen, full };

  [[nodiscard]] static ReplayMemory& of_process();

  // Whether `what` of `who` is new at `now`; if it is, it is remembered up to `until`. Both in
  // seconds of the epoch. Any thread; no allocation but for the first of a part of the memory.
  [[nodiscard]] Answer remember(std::string_view kind, std::string_view who, std::string_view what,
                                std::int64_t now, std::int64_t until) {
    return look(kind, who, what, now, until, true);
  }
  // The same for what `x` brings: in a rehearsal it only looks.
  [[nodiscard]] Answer remember(const Exchange& x, std::string_view kind, std::string_view who,
                                std::string_view what, std::int64_t now, std::int64_t until) {
    return look(kind, who, what, now, until, !x.rehearsal);
  }

  // Forgets it again, as what it was used for has come to nothing. Any thread.
  void forget(std::string_view kind, std::string_view who, std::string_view what);

 private:
  using Hash = std::array<std::uint64_t, 2>;
  struct Entry {
    Hash hash{};
    std::int64_t until = 0;  // 0: was never used
  };
  static constexpr std::size_t kShards = 64;
  // An entry is in one of two buckets that its hash names, and goes into the emptier one: so hardly
  // any bucket is full before nearly all are.
  using Bucket = std::array<Entry, 16>;
  static constexpr std::size_t kBuckets = 1024;  // of a shard

  struct Shard {
    std::mutex mutex;
    std::unique_ptr<std::array<Bucket, kBuckets>> buckets;  // null: was never needed
  };

  [[nodiscard]] Answer look(std::string_view kind, std::string_view who, std::string_view what,
                            std::int64_t now, std::int64_t until, bool keep);
  [[nodiscard]] Hash hash_of(std::string_view kind, std::string_view who,
                             std::string_view what) const;

  std::array<std::uint64_t, 2> key_ = random_hash_key();
  std::array<Shard, kShards> shards_;
};

}  // namespace sallyport::policies::authenticate_detail
