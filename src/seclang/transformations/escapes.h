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

// Everything but escapes as it is. `decode` is given what begins with a backslash and has a byte
// behind it; it writes what that stands for, and returns how many bytes it took.
template <typename Decode>
[[nodiscard]] std::string_view decode_escapes(std::string_view in, const TransformContext& context,
                                              Decode decode) {
  std::size_t i = in.find('\\');
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    if (in[i] != '\\' || i + 1 == in.size()) {
      out.put(in[i++]);
    } else {
      i += decode(in.substr(i), out);
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
