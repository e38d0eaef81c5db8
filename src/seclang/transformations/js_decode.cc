// jsDecode: the escapes of JavaScript. Of a \uHHHH only the low byte counts, as in ModSecurity;
// full-width letters become ASCII ones.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/escapes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// \uHHHH, given the four digits.
char decode_unicode(std::string_view digits) {
  char low = hex_byte(digits[2], digits[3]);
  bool full_width = (digits[0] | 0x20) == 'f' && (digits[1] | 0x20) == 'f';
  return full_width && low > 0 && low < 0x5F ? static_cast<char>(low + 0x20) : low;
}

}  // namespace

std::string_view js_decode(std::string_view in, const TransformContext& context) {
  return decode_escapes(in, context, [](std::string_view rest, Output& out) -> std::size_t {
    const char c = rest[1];
    if (c == 'u' && all_at(rest, 2, 4, is_hex)) {
      out.put(decode_unicode(rest.substr(2, 4)));
      return 6;
    }
    if (c == 'x' && all_at(rest, 2, 2, is_hex)) {
      out.put(hex_byte(rest[2], rest[3]));
      return 4;
    }
    if (is_octal(c)) {
      // One byte at most: the third digit of \400 and above is plain text.
      std::string_view digits = octal_digits(rest.substr(1), c > '3' ? 2 : 3);
      out.put(octal_byte(digits));
      return 1 + digits.size();
    }
    out.put(control_escape(c));
    return 2;
  });
}

}  // namespace sallyport::seclang::transform
