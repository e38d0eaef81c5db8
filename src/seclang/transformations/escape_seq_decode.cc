// escapeSeqDecode: the escapes of ANSI C. Of one that is not valid only the backslash goes.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/escapes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view escape_seq_decode(std::string_view in, const TransformContext& context) {
  return decode_escapes(in, context, [](std::string_view rest, Output& out) -> std::size_t {
    const char c = rest[1];
    if ((c == 'x' || c == 'X') && all_at(rest, 2, 2, is_hex)) {
      out.put(hex_byte(rest[2], rest[3]));
      return 4;
    }
    if (is_octal(c)) {
      std::string_view digits = octal_digits(rest.substr(1), 3);
      out.put(octal_byte(digits));  // of \777 the low byte
      return 1 + digits.size();
    }
    out.put(control_escape(c));
    return 2;
  });
}

}  // namespace sallyport::seclang::transform
