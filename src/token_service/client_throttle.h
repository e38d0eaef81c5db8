// How often the authentication of clients may fail, so that guessing and noise cost those who make
// it and nobody else.
//
// Counted for a client at an address and for an address as a whole, never for a client alone: then
// any stranger could lock it out. Of a fixed size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "http/address.h"

namespace sallyport::token_service {

class ClientThrottle {
 public:
  static constexpr double kOfClient = 10;   // failures at once; one more every six seconds
  static constexpr double kOfAddress = 50;  // likewise, five times as fast
  static constexpr std::int64_t kClientPause = 6000;  // milliseconds until one is forgiven
  static constexpr std::int64_t kAddressPause = kClientPause / 5;

  // Of the process, so that a reload does not forget.
  [[nodiscard]] static ClientThrottle& of_process();
  ClientThrottle();

  // Any thread; `now` in milliseconds of any clock that does not go back.
  [[nodiscard]] bool may_try(std::string_view client, const net::Address& address,
                             std::int64_t now);
  void note(std::string_view client, const net::Address& address, std::int64_t now);

 private:
  struct Slot {
    std::uint64_t key = 0;
    double level = 0;  // failures that are not forgiven yet, at `since`
    std::int64_t since = 0;
  };
  static constexpr std::size_t kSlots = 16384;
  static constexpr std::size_t kWays = 8;  // slots where a key may be

  struct Counted {
    std::uint64_t key;
    double most;
    std::int64_t pause;
  };
  [[nodiscard]] std::array<Counted, 2> counted(std::string_view client,
                                               const net::Address& address) const;
  [[nodiscard]] Slot& slot_of(const Counted& what, std::int64_t now);

  std::array<std::uint64_t, 2> secret_ = random_hash_key();
  std::mutex mutex_;  // for a look at eight slots, twice
  std::vector<Slot> slots_;
};

}  // namespace sallyport::token_service
