// The escapes that C and JavaScript share.
#pragma once

#include <string_view>

#include "seclang/transformations/bytes.h"

namespace sallyport::seclang::transform {

// What the letter behind a backslash stands for; `c` itself when it is no such letter.
[[nodiscard]] constexpr char control_escape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

// The octal digits at the front of `in`, `most` of them at most.
[[nodiscard]] constexpr std::string_view octal_digits(std::string_view in, std::size_t most) {
  std::size_t n = 0;
  while (n < most && n < in.size() && is_octal(in[n])) ++n;
  return in.substr(0, n);
}

[[nodiscard]] constexpr char octal_byte(std::string_view digits) {
  unsigned value = 0;
  for (char c : digits) value = value * 8 + static_cast<unsigned>(c - '0');
  return static_cast<char>(value);
}

}  // namespace sallyport::seclang::transform
