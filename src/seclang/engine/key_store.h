// Named values that rules write: TX, and the records of IP, GLOBAL and the like as one transaction
// sees them. Names are case-insensitive and keep the case they were first written in.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "seclang/name.h"

namespace sallyport::seclang {

class KeyStore {
 public:
  struct Entry {
    std::string_view name;  // as it was written first
    std::string_view value;
    bool gone = false;
  };

  // What the store allocates beside the arena.
  struct Memory {
    std::vector<Entry> entries;
    std::vector<std::uint32_t> slots;  // 1 + index into entries; 0: empty. A power of two
  };

  explicit KeyStore(Arena& arena) : arena_(arena) {}
  // Uses memory that was used before. Begins with what `image` holds, whose texts must outlive
  // this; null: with nothing.
  KeyStore(Arena& arena, Memory&& memory, const KeyStore* image);
  // The memory, to be used again. This must not be used any more.
  [[nodiscard]] Memory take() { return std::move(memory_); }

  // Null: there is none. Stays valid until the next `set`.
  [[nodiscard]] const Entry* find(const Name& name) const;
  // Copies both into the arena.
  void set(const Name& name, std::string_view value);
  void erase(const Name& name);

  // In the order of their first writing; skip those that are `gone`.
  [[nodiscard]] const std::vector<Entry>& entries() const { return memory_.entries; }

 private:
  [[nodiscard]] std::size_t slot_of(const Name& name) const;
  void grow();

  Arena& arena_;
  Memory memory_;
};

}  // namespace sallyport::seclang
