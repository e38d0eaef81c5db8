// sqlHexDecode: 0x4142 becomes AB. As in ModSecurity, the value ends at a NUL, plain or decoded;
// the byte behind a number is copied unseen; and the last byte of the value is lost.
#include "base/text.h"
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view sql_hex_decode(std::string_view in, const TransformContext& context) {
  Output out(context, in.size());
  for (std::size_t i = 0; i + 1 < in.size() && in[i] != '\0'; ++i) {
    if (in[i] == '0' && text::lower(in[i + 1]) == 'x' && all_at(in, i + 2, 2, is_hex)) {
      for (i += 2; all_at(in, i, 2, is_hex); i += 2) {
        char decoded = hex_byte(in[i], in[i + 1]);
        if (decoded == '\0') return out.value(in);
        out.put(decoded);
      }
      if (i == in.size() || in[i] == '\0') break;
    }
    out.put(in[i]);
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
