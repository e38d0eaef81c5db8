// cssDecode: escapes of CSS 2, one to six hex digits behind a backslash. Of a long number only the
// last two digits count, as in ModSecurity; full-width letters become ASCII ones.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// The byte that one to six hex digits stand for.
char decode(std::string_view digits) {
  std::size_t n = digits.size();
  if (n == 1) return static_cast<char>(hex_value(digits[0]));
  char low = hex_byte(digits[n - 2], digits[n - 1]);
  if (n < 4) return low;
  // FF01 to FF5E, with zeros before it or none.
  bool full_width = digits.substr(0, n - 4) == std::string_view("00").substr(0, n - 4) &&
                    (digits[n - 4] | 0x20) == 'f' && (digits[n - 3] | 0x20) == 'f';
  return full_width && low > 0 && low < 0x5F ? static_cast<char>(low + 0x20) : low;
}

}  // namespace

std::string_view css_decode(std::string_view in, const TransformContext& context) {
  // ModSecurity reads its result as a C string: a NUL, plain or decoded, ends it.
  std::string_view text = in.substr(0, in.find('\0'));
  std::size_t i = text.find('\\');
  if (i == std::string_view::npos) return text;

  Output out(context, text.size());
  out.put(text.substr(0, i));
  while (i < text.size()) {
    if (text[i] != '\\') {
      out.put(text[i++]);
      continue;
    }
    if (++i == text.size()) break;  // a backslash at the end stands for nothing
    std::size_t digits = 0;
    while (digits < 6 && all_at(text, i + digits, 1, is_hex)) ++digits;
    if (digits == 0) {
      if (text[i] != '\n') out.put(text[i]);  // an escaped line end is none
      ++i;
      continue;
    }
    char decoded = decode(text.substr(i, digits));
    if (decoded == '\0') break;
    out.put(decoded);
    i += digits;
    if (i < text.size() && is_space(text[i])) ++i;  // one space ends the number
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
