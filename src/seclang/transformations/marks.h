// Which kinds of bytes stand in a text, as one number. Most transformations change nothing where
// the bytes they look for are absent, so this tells without calling them.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sallyport::seclang {

using Marks = std::uint32_t;

namespace mark {
inline constexpr Marks kUpper = 1U << 0;
inline constexpr Marks kLower = 1U << 1;
inline constexpr Marks kDigit = 1U << 2;
inline constexpr Marks kPercent = 1U << 3;
inline constexpr Marks kPlus = 1U << 4;
inline constexpr Marks kBackslash = 1U << 5;
inline constexpr Marks kAmpersand = 1U << 6;
inline constexpr Marks kHigh = 1U << 7;  // 0x80 and above
inline constexpr Marks kNul = 1U << 8;
inline constexpr Marks kSlash = 1U << 9;
inline constexpr Marks kSpace = 1U << 10;  // the space itself
inline constexpr Marks kBlank = 1U << 11;  // tab, line feed and the other white space of ASCII
inline constexpr Marks kDot = 1U << 12;
inline constexpr Marks kQuote = 1U << 13;    // ' " ^ `
inline constexpr Marks kComma = 1U << 14;    // , ;
inline constexpr Marks kDash = 1U << 15;     // - # * < > !
inline constexpr Marks kBracket = 1U << 16;  // ( )
inline constexpr Marks kUnderscore = 1U << 17;
inline constexpr Marks kAt = 1U << 18;        // : @
inline constexpr Marks kEquals = 1U << 19;    // = ?
inline constexpr Marks kLineFeed = 1U << 20;  // kBlank has it too
inline constexpr Marks kOther = 1U << 21;     // all else, and ; # * < > ! beside their own kind
inline constexpr Marks kAny = 1U << 31;       // every text has it, the empty one too
}  // namespace mark

namespace detail {
consteval std::array<Marks, 256> make_marks() {
  std::array<Marks, 256> marks{};
  marks.fill(mark::kOther);
  for (unsigned c = 'A'; c <= 'Z'; ++c) marks[c] = mark::kUpper;
  for (unsigned c = 'a'; c <= 'z'; ++c) marks[c] = mark::kLower;
  for (unsigned c = '0'; c <= '9'; ++c) marks[c] = mark::kDigit;
  for (unsigned c = 0x80; c <= 0xFF; ++c) marks[c] = mark::kHigh;
  for (unsigned c = '\t'; c <= '\r'; ++c) marks[c] = mark::kBlank;
  marks[0] = mark::kNul;
  marks[' '] = mark::kSpace;
  marks['%'] = mark::kPercent;
  marks['+'] = mark::kPlus;
  marks['\\'] = mark::kBackslash;
  marks['&'] = mark::kAmpersand;
  marks['/'] = mark::kSlash;
  marks['.'] = mark::kDot;
  for (char c : {'\'', '"', '^', '`'}) marks[static_cast<unsigned char>(c)] = mark::kQuote;
  marks['\n'] |= mark::kLineFeed;
  marks['_'] = mark::kUnderscore;
  marks[','] = mark::kComma;
  marks[';'] = mark::kComma | mark::kOther;
  marks['-'] = mark::kDash;
  for (char c : {'#', '*', '<', '>', '!'}) {
    marks[static_cast<unsigned char>(c)] = mark::kDash | mark::kOther;
  }
  for (char c : {':', '@'}) marks[static_cast<unsigned char>(c)] = mark::kAt;
  for (char c : {'=', '?'}) marks[static_cast<unsigned char>(c)] = mark::kEquals;
  for (char c : {'(', ')'}) marks[static_cast<unsigned char>(c)] = mark::kBracket;
  return marks;
}
inline constexpr std::array<Marks, 256> kMarks = make_marks();
}  // namespace detail

[[nodiscard]] constexpr Marks marks_of(char c) {
  return detail::kMarks[static_cast<unsigned char>(c)];
}

[[nodiscard]] inline Marks marks_of(std::string_view text) {
  Marks marks = mark::kAny;
  const char* at = text.data();
  std::size_t rest = text.size();
  // Loading bytes one by one would take as long as looking them up.
  for (; rest >= 8; at += 8, rest -= 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, 8);
    Marks one = 0;
    Marks other = 0;
    for (unsigned i = 0; i < 64; i += 16) {
      one |= detail::kMarks[(eight >> i) & 0xFF];
      other |= detail::kMarks[(eight >> (i + 8)) & 0xFF];
    }
    marks |= one | other;
  }
  for (; rest > 0; ++at, --rest) marks |= marks_of(*at);
  return marks;
}

}  // namespace sallyport::seclang
