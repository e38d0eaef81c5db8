// Character classes of HTTP/1 and URI grammars as one table of bits.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sallyport::http {

// Classes, one bit each.
inline constexpr std::uint8_t kTokenChar = 1;   // RFC 9110 5.6.2
inline constexpr std::uint8_t kMethodChar = 2;  // token without lower-case letters
inline constexpr std::uint8_t kPathChar = 4;    // stands in a path as it is; "%", "." need a look
inline constexpr std::uint8_t kQueryChar = 8;   // stands in a query as it is; "%" needs a look
inline constexpr std::uint8_t kHostChar = 16;   // registered names, as far as we take them
inline constexpr std::uint8_t kUnreservedChar = 32;  // RFC 3986 2.3
inline constexpr std::uint8_t kHexDigit = 64;
inline constexpr std::uint8_t kQuotedChar = 128;  // in a quoted string, but for quote and backslash

namespace detail {

constexpr std::array<std::uint8_t, 256> make_char_table() {
  std::array<std::uint8_t, 256> table{};
  auto mark = [&table](std::string_view chars, unsigned bits) {
    for (char c : chars) {
      auto& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
  constexpr unsigned kEverywhere =
      kTokenChar | kPathChar | kQueryChar | kHostChar | kUnreservedChar;
  mark(kDigits, kEverywhere | kMethodChar | kHexDigit);
  mark(kUpper, kEverywhere | kMethodChar);
  mark(kLower, kEverywhere);
  mark("ABCDEFabcdef", kHexDigit);
  mark("!#$%&'*+-.^_`|~", kTokenChar | kMethodChar);
  mark("-_~", kPathChar | kQueryChar | kHostChar | kUnreservedChar);
  mark(".", kQueryChar | kHostChar | kUnreservedChar);
  mark("!$&'()*+,;=:@[]/", kPathChar | kQueryChar);
  mark("?{}|^`\\", kQueryChar);
  mark("=+!$&", kHostChar);
  mark("\t", kQuotedChar);
  for (unsigned c = 0x20; c < 256; ++c) {
    if (c == '"' || c == '\\' || c == 0x7F) continue;
    table[c] = static_cast<std::uint8_t>(table[c] | kQuotedChar);
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kChars = make_char_table();

}  // namespace detail

[[nodiscard]] constexpr bool is(char c, std::uint8_t wanted) {
  return (detail::kChars[static_cast<unsigned char>(c)] & wanted) != 0;
}

// True for a token (RFC 9110 5.6.2): not empty, token characters only.
[[nodiscard]] constexpr bool is_token(std::string_view text) {
  for (char c : text) {
    if (!is(c, kTokenChar)) return false;
  }
  return !text.empty();
}

// Value of a hexadecimal digit; the caller has checked that it is one.
[[nodiscard]] constexpr unsigned hex_value(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

}  // namespace sallyport::http
