#include "seclang/engine/key_store.h"

#include <cstring>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kFirstSlots = 64;

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

std::size_t KeyStore::slot_of(const Name& name) const {
  std::size_t slot = name.hash & (memory_.slots.size() - 1);
  while (memory_.slots[slot] != 0 &&
         !same_name(memory_.entries[memory_.slots[slot] - 1].name, name.text)) {
    slot = (slot + 1) & (memory_.slots.size() - 1);
  }
  return slot;
}

const KeyStore::Entry* KeyStore::find(const Name& name) const {
  if (memory_.slots.empty()) return nullptr;
  const std::uint32_t index = memory_.slots[slot_of(name)];
  return index == 0 || memory_.entries[index - 1].gone ? nullptr : &memory_.entries[index - 1];
}

void KeyStore::set(const Name& name, std::string_view value) {
  if (memory_.entries.size() * 2 >= memory_.slots.size()) grow();
  std::uint32_t& index = memory_.slots[slot_of(name)];
  if (index == 0) {
    memory_.entries.push_back({.name = arena_.copy(name.text), .value = {}});
    index = static_cast<std::uint32_t>(memory_.entries.size());
  }
  Entry& entry = memory_.entries[index - 1];
  entry.value = arena_.copy(value);
  entry.gone = false;
}

void KeyStore::erase(const Name& name) {
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
