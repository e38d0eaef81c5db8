#include "seclang/plan/alphabet.h"

#include <algorithm>

namespace sallyport::seclang {
namespace {

// What each tier adds to letters, digits, "_" and "-".
constexpr std::array<std::string_view, kTiers - 2> kAdded = {"", ".:@,+", " /=?%"};

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> tiers{};
  tiers.fill(kTiers - 2);
  tiers[static_cast<unsigned char>('\n')] = kTiers - 1;
  for (unsigned c = 0; c < 256; ++c) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '_' || c == '-';
    if (plain) tiers[c] = 0;
  }
  for (std::size_t tier = 0; tier < kAdded.size(); ++tier) {
    for (char c : kAdded[tier]) {
      tiers[static_cast<unsigned char>(c)] = static_cast<std::uint8_t>(tier);
    }
  }
  return tiers;
}

constexpr std::array<std::uint8_t, 256> kTierOf = make_table();

}  // namespace

ByteSet alphabet_of(std::size_t tier) {
  ByteSet set;
  for (std::size_t c = 0; c < 256; ++c) set.set(c, kTierOf[c] <= tier);
  return set;
}

std::size_t tier_of(std::string_view text) {
  std::uint8_t highest = 0;
  for (char c : text) {
    highest = std::max(highest, kTierOf[static_cast<unsigned char>(c)]);
  }
  return highest;
}

}  // namespace sallyport::seclang
