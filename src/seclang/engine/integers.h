// Integers as rules write them: what stands at the beginning of a text counts, the rest does not.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

namespace sallyport::seclang {

// As stoi reads: white space, a sign, digits; 0 when there is none or it is out of range.
[[nodiscard]] inline std::int64_t leading_integer(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
    text.remove_prefix(1);
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? value : 0;
}

[[nodiscard]] inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

}  // namespace sallyport::seclang
