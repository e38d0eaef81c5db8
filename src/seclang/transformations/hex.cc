// hexDecode and hexEncode. Decoding looks at pairs only: what is no digit gives some byte, and an
// odd byte at the end is dropped.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view hex_decode(std::string_view in, const TransformContext& context) {
  Output out(context, in.size() / 2);
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) out.put(hex_byte(in[i], in[i + 1]));
  return out.value(in);
}

std::string_view hex_encode(std::string_view in, const TransformContext& context) {
  Output out(context, in.size() * 2);
  for (char c : in) {
    out.put(kHexDigits[byte(c) >> 4]);
    out.put(kHexDigits[byte(c) & 15]);
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
