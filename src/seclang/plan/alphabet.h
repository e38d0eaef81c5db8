// Five nested alphabets. Most texts of an API use few bytes; over fewer bytes fewer patterns can
// match, and what is left of them is simpler.
#pragma once

#include <cstddef>

#include "seclang/plan/pattern_tree.h"
#include "seclang/transformations/marks.h"

namespace sallyport::seclang {

inline constexpr std::size_t kTiers = 5;

// The bytes of a tier; a tier holds the ones before it. The last has all, the one before it all but
// the newline, which also stands between texts that are scanned together.
[[nodiscard]] ByteSet alphabet_of(std::size_t tier);

// The lowest tier that has every byte of a text with these marks.
[[nodiscard]] constexpr std::size_t tier_of(Marks marks) {
  // Letters, digits, "_" and "-" are the first tier.
  constexpr Marks kSecond = mark::kDot | mark::kAt | mark::kComma | mark::kPlus;
  constexpr Marks kThird = mark::kSpace | mark::kSlash | mark::kEquals | mark::kPercent;
  constexpr Marks kFourth = mark::kBackslash | mark::kAmpersand | mark::kHigh | mark::kNul |
                            mark::kBlank | mark::kQuote | mark::kBracket | mark::kOther;
  if ((marks & mark::kLineFeed) != 0) return 4;
  if ((marks & kFourth) != 0) return 3;
  if ((marks & kThird) != 0) return 2;
  return (marks & kSecond) != 0 ? 1 : 0;
}

}  // namespace sallyport::seclang
