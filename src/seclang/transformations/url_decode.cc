// urlDecode and urlDecodeUni: %HH and '+', and with the latter %uHHHH too. What is not valid stays.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"
#include "seclang/transformations/unicode_map.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kMayChange{std::string_view("%+")};

// %uHHHH, given the four digits: by the map if there is one, else the low byte; full-width letters
// become ASCII ones.
char decode_unicode(std::string_view digits, const UnicodeMap* map) {
  char low = hex_byte(digits[2], digits[3]);
  if (map != nullptr) {
    unsigned code_point = byte(hex_byte(digits[0], digits[1])) * 256U + byte(low);
    if (std::optional<char> mapped = map->find(code_point)) return *mapped;
  }
  bool full_width = (digits[0] | 0x20) == 'f' && (digits[1] | 0x20) == 'f';
  return full_width && low > 0 && low < 0x5F ? static_cast<char>(low + 0x20) : low;
}

template <bool WithUnicode>
std::string_view decode(std::string_view in, const TransformContext& context) {
  std::size_t i = kMayChange.find(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    if (in[i] != '%') {
      out.put(in[i] == '+' ? ' ' : in[i]);
      const std::size_t next = std::min(kMayChange.find(in, ++i), in.size());
      out.put(in.substr(i, next - i));
      i = next;
    } else if (all_at(in, i + 1, 2, is_hex)) {
      out.put(hex_byte(in[i + 1], in[i + 2]));
      i += 3;
    } else if (WithUnicode && i + 1 < in.size() && (in[i + 1] | 0x20) == 'u' &&
               all_at(in, i + 2, 4, is_hex)) {
      out.put(decode_unicode(in.substr(i + 2, 4), context.unicode_map));
      i += 6;
    } else {
      out.put(in[i++]);
    }
  }
  return out.value(in);
}

}  // namespace

std::string_view url_decode(std::string_view in, const TransformContext& context) {
  return decode<false>(in, context);
}

std::string_view url_decode_uni(std::string_view in, const TransformContext& context) {
  return decode<true>(in, context);
}

}  // namespace sallyport::seclang::transform
