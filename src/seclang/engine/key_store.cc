#include "seclang/engine/key_store.h"

#include "base/text.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::size_t hash_of(std::string_view name) {
  std::size_t hash = 14'695'981'039'346'656'037U;  // FNV-1a, over lower case
  for (char c : name) {
    hash = (hash ^ static_cast<unsigned char>(text::lower(c))) * 1'099'511'628'211U;
  }
  return hash ^ (hash >> 32);
}

}  // namespace

std::size_t KeyStore::slot_of(std::string_view name) const {
  std::size_t slot = hash_of(name) & (slots_.size() - 1);
  while (slots_[slot] != 0 && !text::equals_ignoring_case(entries_[slots_[slot] - 1].name, name)) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

const KeyStore::Entry* KeyStore::find(std::string_view name) const {
  if (slots_.empty()) return nullptr;
  const std::uint32_t index = slots_[slot_of(name)];
  return index == 0 || entries_[index - 1].gone ? nullptr : &entries_[index - 1];
}

void KeyStore::set(std::string_view name, std::string_view value) {
  if (entries_.size() * 2 >= slots_.size()) grow();
  std::uint32_t& index = slots_[slot_of(name)];
  if (index == 0) {
    entries_.push_back({.name = arena_.copy(name), .value = {}});
    index = static_cast<std::uint32_t>(entries_.size());
  }
  Entry& entry = entries_[index - 1];
  entry.value = arena_.copy(value);
  entry.gone = false;
}

void KeyStore::erase(std::string_view name) {
  if (slots_.empty()) return;
  if (std::uint32_t index = slots_[slot_of(name)]; index != 0) entries_[index - 1].gone = true;
}

void KeyStore::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[slot_of(entries_[i].name)] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace sallyport::seclang
