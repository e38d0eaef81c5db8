// HMAC-SHA-256 (RFC 2104) with one key for many short messages, at the cost of two blocks each.
#pragma once

#include <string_view>

#include "store/encoding.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::store {

// Immutable; any thread.
class KeyedHash {
 public:
  // `key` is 32 bytes or more.
  explicit KeyedHash(std::string_view key);
  [[nodiscard]] Hash operator()(std::string_view message) const;

 private:
  struct States;
  LockedMemory states_;  // after the padded key: as good as the key itself
};

// In a time that depends on nothing.
[[nodiscard]] bool equal_in_constant_time(const Hash& a, const Hash& b);

}  // namespace sallyport::store
