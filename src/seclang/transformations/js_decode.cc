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
  std::size_t i = in.find('\\');
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    if (in[i] != '\\' || i + 1 == in.size()) {
      out.put(in[i++]);
      continue;
    }
    char c = in[i + 1];
    if (c == 'u' && all_at(in, i + 2, 4, is_hex)) {
      out.put(decode_unicode(in.substr(i + 2, 4)));
      i += 6;
    } else if (c == 'x' && all_at(in, i + 2, 2, is_hex)) {
      out.put(hex_byte(in[i + 2], in[i + 3]));
      i += 4;
    } else if (is_octal(c)) {
      // One byte at most: the third digit of \400 and above is plain text.
      std::string_view digits = octal_digits(in.substr(i + 1), c > '3' ? 2 : 3);
      out.put(octal_byte(digits));
      i += 1 + digits.size();
    } else {
      out.put(control_escape(c));
      i += 2;
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
