// escapeSeqDecode: the escapes of ANSI C. Of one that is not valid only the backslash goes.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/escapes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view escape_seq_decode(std::string_view in, const TransformContext& context) {
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
    if ((c == 'x' || c == 'X') && all_at(in, i + 2, 2, is_hex)) {
      out.put(hex_byte(in[i + 2], in[i + 3]));
      i += 4;
    } else if (is_octal(c)) {
      std::string_view digits = octal_digits(in.substr(i + 1), 3);
      out.put(octal_byte(digits));  // of \777 the low byte
      i += 1 + digits.size();
    } else {
      out.put(control_escape(c));
      i += 2;
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
