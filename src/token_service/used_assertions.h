// Which assertions of clients have been used (RFC 7523 section 3, `jti`): none counts twice.
//
// Bounded, in all and for each client, so that no client takes the room of another. When there is
// no room it says so, and nothing is accepted: to forget early would let an assertion be replayed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.h"

namespace sallyport::token_service {

class UsedAssertions {
 public:
  static constexpr std::size_t kMost = 65536;
  static constexpr std::size_t kMostOfClient = 4096;
  enum class Use : std::uint8_t { first, again, no_room };

  // Of the process, so that a reload does not forget.
  [[nodiscard]] static UsedAssertions& of_process();

  // Whether `id` of `client` is used for the first time; then it is remembered up to `until`. Times
  // are Unix milliseconds. Any thread.
  [[nodiscard]] Use use(std::string_view client, std::string_view id, std::int64_t now,
                        std::int64_t until);

 private:
  using Hash = std::array<std::uint64_t, 2>;
  struct FirstHalf {
    std::size_t operator()(const Hash& hash) const { return hash[0]; }
  };
  void forget_past(std::int64_t now);

  std::array<std::uint64_t, 2> secret_ = random_hash_key();
  std::mutex mutex_;                                         // guards what follows
  std::unordered_map<Hash, std::uint64_t, FirstHalf> used_;  // to the hash of the client
  std::unordered_map<std::uint64_t, std::size_t> of_client_;
  using End = std::pair<std::int64_t, Hash>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace sallyport::token_service
