// Five nested alphabets. Most texts of an API use few bytes; over fewer bytes fewer patterns can
// match, and what is left of them is simpler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seclang/plan/pattern_tree.h"

namespace sallyport::seclang {

inline constexpr std::size_t kTiers = 5;

// The bytes of a tier; a tier holds the ones before it. The last has all, the one before it all but
// the newline, which also stands between texts that are scanned together.
[[nodiscard]] ByteSet alphabet_of(std::size_t tier);
// The lowest tier that has every byte of the text.
[[nodiscard]] std::size_t tier_of(std::string_view text);

}  // namespace sallyport::seclang
