// The unusual cases.
#include "base/line_format.h"

#include <charconv>

#include "base/text.h"

namespace sallyport::line_format {
namespace {

char* put_code(char* out, unsigned code) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::memcpy(out, "\\u00", 4);
  out[4] = kHex[code >> 4 & 15];
  out[5] = kHex[code & 15];
  return out + 6;
}

}  // namespace

char* put_json_escaped(char* out, std::string_view text) {
  while (!text.empty()) {
    auto c = static_cast<unsigned char>(text.front());
    std::size_t taken = 1;
    if (c == '"' || c == '\\') {
      *out++ = '\\';
      *out++ = static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7F) {
      out = put_code(out, c);
    } else if (c < 0x80) {
      *out++ = static_cast<char>(c);
    } else if (std::size_t n = text::utf8_length(text); n == 0) {
      out = put_code(out, c);
    } else if (c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
      out = put_code(out, static_cast<unsigned char>(text[1]));
      taken = 2;
    } else {
      std::memcpy(out, text.data(), n);
      out += n;
      taken = n;
    }
    text.remove_prefix(taken);
  }
  return out;
}

char* put_long_number(char* out, std::uint64_t value) {
  return std::to_chars(out, out + 20, value).ptr;
}

}  // namespace sallyport::line_format
