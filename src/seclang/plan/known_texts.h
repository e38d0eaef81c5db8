// What one thread has found out about short texts: which rules can match on them.
//
// Names, header values and the like come again with every request. A bounded table: what is new
// takes the place of what is old, and a text that is not there is looked at once more.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "seclang/plan/candidates.h"

namespace sallyport::seclang {

class KnownTexts {
 public:
  static constexpr std::size_t kLongest = 160;  // bytes of a text
  static constexpr std::size_t kMostRules = 6;

  // `seed` should not be known to who sends the texts: two that collide are a little slower.
  explicit KnownTexts(std::uint64_t seed) : seed_(seed) {}

  // `text` at most kLongest bytes, as a value of this source.
  [[nodiscard]] std::uint64_t hash(std::uint32_t source, std::string_view text) const {
    constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t state = seed_ ^ (std::uint64_t{source} << 32) ^ text.size();
    auto mix = [&](std::uint64_t word) {
      const auto product = static_cast<unsigned __int128>(state ^ word) * kOdd;
      state = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const char* at = text.data();
    std::size_t rest = text.size();
    for (; rest >= 8; at += 8, rest -= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      mix(word);
    }
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < rest; ++i) {
      last |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    }
    mix(last ^ kOdd);
    return state;
  }

  // The rules that can match; nullopt: not known. Valid until the next `put`.
  [[nodiscard]] std::optional<std::span<const RuleRef>> find(std::uint32_t source,
                                                             std::string_view text,
                                                             std::uint64_t hash) const {
    if (entries_ == nullptr) return std::nullopt;
    const std::size_t pair = hash & kMask;
    for (std::size_t slot : {pair, pair ^ 1}) {
      const Entry& entry = entries_[slot];
      if (entry.hash == static_cast<std::uint32_t>(hash >> 32) && entry.used &&
          entry.source == source && entry.size == text.size() &&
          std::memcmp(entry.text.data(), text.data(), text.size()) == 0) {
        return std::span(entry.rules).first(entry.count);
      }
    }
    return std::nullopt;
  }

  // At most kMostRules.
  void put(std::uint32_t source, std::string_view text, std::uint64_t hash,
           std::span<const RuleRef> rules) {
    if (entries_ == nullptr) entries_ = std::make_unique<Entry[]>(kMask + 1);
    const std::size_t pair = hash & kMask;
    if (entries_[pair].used) entries_[pair ^ 1] = entries_[pair];
    Entry& entry = entries_[pair];
    entry.hash = static_cast<std::uint32_t>(hash >> 32);
    entry.source = static_cast<std::uint16_t>(source);
    entry.size = static_cast<std::uint8_t>(text.size());
    entry.count = static_cast<std::uint8_t>(rules.size());
    entry.used = true;
    std::ranges::copy(rules, entry.rules.begin());
    std::ranges::copy(text, entry.text.begin());
  }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint16_t source = 0;
    std::uint8_t size = 0;
    std::uint8_t count : 7 = 0;
    bool used : 1 = false;
    std::array<RuleRef, kMostRules> rules{};
    std::array<char, kLongest> text{};
  };
  static constexpr std::size_t kMask = 4095;  // 768 KiB

  std::uint64_t seed_;
  std::unique_ptr<Entry[]> entries_;  // made with the first one that is put
};

}  // namespace sallyport::seclang
