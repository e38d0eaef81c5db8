// Blocks of 64 bytes become bit masks; only a block with an escape, or one that could cross the
// limit, is walked byte by byte.
#include "policies/request_limits/json_depth.h"

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sallyport::policies::request_limits_detail {
namespace {

constexpr std::size_t kBlock = 64;

struct Masks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opens = 0;
  std::uint64_t closes = 0;
};

// Bit i is byte i. The brackets '[' and '{' differ in one bit only, as do ']' and '}'.
Masks masks_of(const char* p) {
  Masks masks;
#if defined(__SSE2__)
  const __m128i fold = _mm_set1_epi8(0x20);
  for (std::size_t at = 0; at < kBlock; at += 16) {
    // The instruction reads 16 bytes from any address.
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
    __m128i folded = _mm_or_si128(bytes, fold);
    auto mask = [at](__m128i equal) {
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(equal))) << at;
    };
    masks.quotes |= mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    masks.backslashes |= mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    masks.opens |= mask(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')));
    masks.closes |= mask(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
  }
#else
  for (std::size_t i = 0; i < kBlock; ++i) {
    std::uint64_t bit = std::uint64_t{1} << i;
    char folded = static_cast<char>(p[i] | 0x20);
    if (p[i] == '"') masks.quotes |= bit;
    if (p[i] == '\\') masks.backslashes |= bit;
    if (folded == '{') masks.opens |= bit;
    if (folded == '}') masks.closes |= bit;
  }
#endif
  return masks;
}

// Bit i of the result is the parity of bits 0 to i: set from an opening quote to before its end.
std::uint64_t parity_up_to(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace

bool JsonDepth::scan(std::span<const std::byte> bytes) {
  const char* p = reinterpret_cast<const char*>(bytes.data());  // text is looked at as chars
  const char* end = p + bytes.size();
  for (; static_cast<std::size_t>(end - p) >= kBlock; p += kBlock) {
    if (!scan_block(p)) return false;
  }
  return scan_slowly(p, end);
}

bool JsonDepth::scan_block(const char* p) {
  Masks masks = masks_of(p);
  if (masks.backslashes != 0 || escaped_) return scan_slowly(p, p + kBlock);

  std::uint64_t strings = parity_up_to(masks.quotes);
  if (in_string_) strings = ~strings;
  int opens = std::popcount(masks.opens & ~strings);
  int closes = std::popcount(masks.closes & ~strings);
  if (depth_ + opens > limit_) return scan_slowly(p, p + kBlock);

  in_string_ = (strings >> 63) != 0;
  depth_ = std::max<std::int64_t>(0, depth_ + opens - closes);
  return true;
}

bool JsonDepth::scan_slowly(const char* p, const char* end) {
  for (; p != end; ++p) {
    if (escaped_) {
      escaped_ = false;
    } else if (*p == '"') {
      in_string_ = !in_string_;
    } else if (in_string_) {
      escaped_ = *p == '\\';
    } else if (*p == '{' || *p == '[') {
      if (++depth_ > limit_) return false;
    } else if (*p == '}' || *p == ']') {
      depth_ = std::max<std::int64_t>(0, depth_ - 1);
    }
  }
  return true;
}

}  // namespace sallyport::policies::request_limits_detail
