// utf8toUnicode: sequences of UTF-8 become %uHHHH. Byte for byte as ModSecurity, which keeps bytes
// that cannot begin a sequence, drops those that begin a broken one, and adds the first byte of an
// overlong one or a surrogate behind its number. NULs go, too.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// Whether there is neither a NUL nor a byte beyond ASCII: of both, and of nothing else, the byte or
// the one before it has the high bit. No exit, so that it runs over whole vectors of bytes.
bool is_plain(std::string_view in) {
  unsigned all = 0;
  for (char c : in) all |= byte(c) | static_cast<std::uint8_t>(byte(c) - 1);
  return all < 0x80;
}

constexpr bool is_continuation(char c) { return (byte(c) & 0xC0) == 0x80; }

// How long a sequence is by its first byte; 1: this begins none.
std::size_t sequence_size(char first) {
  std::uint8_t b = byte(first);
  if ((b & 0xE0) == 0xC0) return 2;
  if ((b & 0xF0) == 0xE0) return 3;
  if ((b & 0xF8) == 0xF0) return 4;
  return 1;
}

unsigned code_point(std::string_view sequence) {
  unsigned value = byte(sequence[0]) & (0xFFU >> (sequence.size() + 1));
  for (char c : sequence.substr(1)) value = value << 6 | (byte(c) & 0x3FU);
  return value;
}

bool is_overlong(std::size_t size, unsigned value) {
  constexpr std::array<unsigned, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  return value < kLeast[size];
}

// %u and four digits at least.
void put_number(Output& out, unsigned value) {
  out.put("%u");
  int digits = value >= 0x100000 ? 6 : value >= 0x10000 ? 5 : 4;
  for (int i = digits - 1; i >= 0; --i) out.put(kHexDigits[value >> (4 * i) & 15]);
}

}  // namespace

std::string_view utf8_to_unicode(std::string_view in, const TransformContext& context) {
  if (is_plain(in)) return in;
  Output out(context, in.size() * 4);  // two bytes may become seven
  std::size_t size = 0;
  for (std::size_t i = 0; i < in.size(); i += size) {
    char first = in[i];
    size = sequence_size(first);
    if (size == 1) {
      if (first != '\0') out.put(first);
      continue;
    }
    if (byte(first) >= 0xF5) out.put(first);  // beyond Unicode
    if (!all_at(in, i + 1, size - 1, is_continuation)) {
      size = 1;
      continue;
    }
    unsigned value = code_point(in.substr(i, size));
    put_number(out, value);
    if (value >= 0xD800 && value <= 0xDFFF) out.put(first);
    if (is_overlong(size, value)) out.put(first);
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
