#include "seclang/engine/key_store.h"

#include <cstring>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kFirstSlots = 64;

// The same for names that differ in the case of letters only (and for a few others).
std::size_t hash_of(std::string_view name) {
  constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15U;
  constexpr std::uint64_t kLower = 0x2020'2020'2020'2020U;
  std::uint64_t hash = name.size();
  const char* at = name.data();
  std::size_t rest = name.size();
  for (; rest >= 8; at += 8, rest -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = (hash ^ (word | kLower)) * kOdd;
    hash ^= hash >> 32;
  }
  std::uint64_t word = 0;
  if (rest > 0) std::memcpy(&word, at, rest);
  hash = (hash ^ (word | kLower)) * kOdd;
  return hash ^ (hash >> 32);
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return std::memcmp(a.data(), b.data(), a.size()) == 0 || text::equals_ignoring_case(a, b);
}

}  // namespace

KeyStore::KeyStore(Arena& arena, Memory&& memory, const KeyStore* image)
    : arena_(arena), memory_(std::move(memory)) {
  if (image != nullptr) {
    memory_ = image->memory_;
  } else {
    memory_.entries.clear();
    memory_.slots.clear();
  }
}

std::size_t KeyStore::slot_of(std::string_view name) const {
  std::size_t slot = hash_of(name) & (memory_.slots.size() - 1);
  while (memory_.slots[slot] != 0 &&
         !same_name(memory_.entries[memory_.slots[slot] - 1].name, name)) {
    slot = (slot + 1) & (memory_.slots.size() - 1);
  }
  return slot;
}

const KeyStore::Entry* KeyStore::find(std::string_view name) const {
  if (memory_.slots.empty()) return nullptr;
  const std::uint32_t index = memory_.slots[slot_of(name)];
  return index == 0 || memory_.entries[index - 1].gone ? nullptr : &memory_.entries[index - 1];
}

void KeyStore::set(std::string_view name, std::string_view value) {
  if (memory_.entries.size() * 2 >= memory_.slots.size()) grow();
  std::uint32_t& index = memory_.slots[slot_of(name)];
  if (index == 0) {
    memory_.entries.push_back({.name = arena_.copy(name), .value = {}});
    index = static_cast<std::uint32_t>(memory_.entries.size());
  }
  Entry& entry = memory_.entries[index - 1];
  entry.value = arena_.copy(value);
  entry.gone = false;
}

void KeyStore::erase(std::string_view name) {
  if (memory_.slots.empty()) return;
  if (std::uint32_t index = memory_.slots[slot_of(name)]; index != 0)
    memory_.entries[index - 1].gone = true;
}

void KeyStore::grow() {
  memory_.slots.assign(memory_.slots.empty() ? kFirstSlots : memory_.slots.size() * 2, 0);
  for (std::size_t i = 0; i < memory_.entries.size(); ++i) {
    memory_.slots[slot_of(memory_.entries[i].name)] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace sallyport::seclang
