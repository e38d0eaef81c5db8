// Small functions over ASCII text that several folders need. No locale, no allocation unless a
// std::string is returned.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::text {

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

[[nodiscard]] std::string to_lower(std::string_view s);

// The value of a hexadecimal digit; -1 when it is none.
[[nodiscard]] constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A byte as two lower-case hexadecimal digits.
inline void append_hex(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// Without the spaces and tabs (RFC 9110 optional whitespace) at both ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Calls `each(element)` for every trimmed, non-empty element of a comma list. Quotes are not
// special: use it only where the grammar has none.
template <typename Each>
constexpr void for_each_element(std::string_view list, Each each) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    std::string_view element = trim(list.substr(0, comma));
    if (!element.empty()) each(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// Calls `each(word)` for what single spaces separate.
template <typename Each>
constexpr void for_each_word(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) each(text.substr(0, space));
    if (space == std::string_view::npos) return;
    text.remove_prefix(space + 1);
  }
}

// The whole of `s` as a decimal number; nothing else is accepted (no sign, no space).
[[nodiscard]] inline std::optional<std::uint64_t> to_number(std::string_view s) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return value;
}

// Edits between two words, for "did you mean"; stops counting at `limit`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// The candidate nearest to `word`, if any is near enough to be worth suggesting.
template <typename Range>
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const Range& candidates) {
  std::size_t limit = word.size() <= 4 ? 2 : word.size() / 3 + 1;
  std::size_t best = limit + 1;
  std::optional<std::string> found;
  for (const auto& candidate : candidates) {
    std::size_t d = edit_distance(word, candidate, limit);
    if (d < best) {
      best = d;
      found = std::string(candidate);
    }
  }
  return found;
}

// `s` percent-encoded (RFC 3986 2.1): all but unreserved characters and those of `also_plain`.
[[nodiscard]] std::string percent_encoded(std::string_view s, std::string_view also_plain = {});

// Length of the well-formed UTF-8 sequence (RFC 3629) at the front of `s`, which is not empty; 0 if
// there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view s);

// `s` as the inside of a JSON string (no quotes): control characters, quote, backslash escaped,
// and bytes that are not UTF-8 written as \u00XX so that every line stays valid JSON.
void append_json_escaped(std::string& out, std::string_view s);

}  // namespace sallyport::text
