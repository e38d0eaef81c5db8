// urlEncode: all but letters, digits and '*' as %hh; a space as '+'.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kMustChange{[](char c) { return !is_alphanumeric(c) && c != '*'; }};

}  // namespace

std::string_view url_encode(std::string_view in, const TransformContext& context) {
  std::size_t i = kMustChange.find(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size() * 3);
  for (char c : in) {
    if (!kMustChange.contains(c)) {
      out.put(c);
    } else if (c == ' ') {
      out.put('+');
    } else {
      out.put('%');
      out.put(kHexDigits[byte(c) >> 4]);
      out.put(kHexDigits[byte(c) & 15]);
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
