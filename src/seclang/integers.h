// Numbers as rules write them: ModSecurity reads them with the C library, so white space and a sign
// may stand in front, anything may stand behind, and what is no number counts as 0.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

#include "seclang/characters.h"

namespace sallyport::seclang {

namespace integer {

// What std::from_chars takes: without the white space and the plus sign it does not know.
[[nodiscard]] constexpr std::string_view digits(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  return text;
}

}  // namespace integer

// As std::stoi; null where it throws.
[[nodiscard]] inline std::optional<int> read_int(std::string_view text) {
  text = integer::digits(text);
  int value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

// As atoll: what does not fit becomes the nearest that does.
[[nodiscard]] inline long long read_clamped(std::string_view text) {
  text = integer::digits(text);
  long long value = 0;
  auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? std::numeric_limits<long long>::min()
                                 : std::numeric_limits<long long>::max();
  }
  return value;
}

[[nodiscard]] inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

}  // namespace sallyport::seclang
