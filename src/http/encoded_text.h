// Reading percent-encoded text byte by byte, without a copy of it (RFC 3986 section 2.1).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace sallyport::http {

// One byte of an encoded text, and how many it is written with.
struct EncodedByte {
  char value;
  std::size_t written;
};

// `form`: "+" stands for a space, as in queries. An escape that is none stands for itself.
[[nodiscard]] inline EncodedByte encoded_byte(std::string_view text, std::size_t at, bool form) {
  if (text[at] == '+' && form) return {.value = ' ', .written = 1};
  if (text[at] == '%' && at + 2 < text.size()) {
    const int high = text::hex_digit(text[at + 1]);
    const int low = text::hex_digit(text[at + 2]);
    if (high >= 0 && low >= 0) {
      return {.value = static_cast<char>((high << 4) | low), .written = 3};
    }
  }
  return {.value = text[at], .written = 1};
}

// Whether `encoded`, from a query, is another spelling of `plain`, or the same.
[[nodiscard]] inline bool is_written(std::string_view encoded, std::string_view plain) {
  std::size_t at = 0;
  for (char c : plain) {
    if (at == encoded.size()) return false;
    const EncodedByte byte = encoded_byte(encoded, at, true);
    if (byte.value != c) return false;
    at += byte.written;
  }
  return at == encoded.size();
}

// Calls `each(name, value, pair)` for every part of a query between two "&", all as written; the
// value of one without "=" is empty.
template <typename Each>
void for_each_parameter(std::string_view query, Each each) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = pair.find('=');
    each(pair.substr(0, equals),
         equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), pair);
  }
}

}  // namespace sallyport::http
