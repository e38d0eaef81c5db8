// Searches over bytes of a message head, sixteen at a time where SSE2 exists. Each takes the bytes
// [p, end) and returns the first one it looks for, or `end`; nothing outside is read, unless
// stated.
#pragma once

#include <bit>
#include <cstddef>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sallyport::http {

#if defined(__SSE2__)
namespace detail {

inline __m128i load16(const char* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));  // the intrinsic's own pointer type
}

inline unsigned bits_of(__m128i found) { return static_cast<unsigned>(_mm_movemask_epi8(found)); }

// Bytes up to `highest`, taken as unsigned.
inline __m128i up_to(__m128i bytes, __m128i highest) {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest), bytes);
}

inline unsigned controls16(const char* p) {
  __m128i bytes = load16(p);
  __m128i found = up_to(bytes, _mm_set1_epi8(0x1F));
  found = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), found);
  return bits_of(_mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F))));
}

// Bytes that are neither letters nor digits nor one of "-./_".
inline __m128i unusual16(__m128i bytes) {
  __m128i letter = up_to(_mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')),
                         _mm_set1_epi8('z' - 'a'));
  __m128i digit = up_to(_mm_sub_epi8(bytes, _mm_set1_epi8('-')), _mm_set1_epi8('9' - '-'));
  __m128i usual = _mm_or_si128(letter, digit);
  usual = _mm_or_si128(usual, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
  return _mm_xor_si128(usual, _mm_set1_epi8(-1));
}

}  // namespace detail
#endif

// A byte that may not stand in a field value: a control other than HTAB, or DEL. Bytes from
// `readable` on may be read.
[[nodiscard]] inline const char* find_control(const char* p, const char* end,
                                              [[maybe_unused]] const char* readable) {
#if defined(__SSE2__)
  for (auto left = end - p; left >= 16; left -= 16, p += 16) {
    unsigned found = detail::controls16(p);
    if (found != 0) return p + std::countr_zero(found);
  }
  if (end - readable >= 16) {  // the last few, with the bytes before them shifted away
    unsigned found = detail::controls16(end - 16) >> (16 - (end - p));
    return found != 0 ? p + std::countr_zero(found) : end;
  }
#endif
  for (; p != end; ++p) {
    auto c = static_cast<unsigned char>(*p);
    if ((c < 0x20 && c != '\t') || c == 0x7F) break;
  }
  return p;
}

// A space or a control; DEL is not looked for.
[[nodiscard]] inline const char* find_space(const char* p, const char* end) {
#if defined(__SSE2__)
  for (auto left = end - p; left >= 16; left -= 16, p += 16) {
    unsigned found = detail::bits_of(detail::up_to(detail::load16(p), _mm_set1_epi8(0x20)));
    if (found != 0) return p + std::countr_zero(found);
  }
#endif
  while (p != end && static_cast<unsigned char>(*p) > 0x20) ++p;
  return p;
}

[[nodiscard]] inline const char* find_byte(const char* p, const char* end, char wanted) {
#if defined(__SSE2__)
  for (auto left = end - p; left >= 16; left -= 16, p += 16) {
    unsigned found = detail::bits_of(_mm_cmpeq_epi8(detail::load16(p), _mm_set1_epi8(wanted)));
    if (found != 0) return p + std::countr_zero(found);
  }
#endif
  while (p != end && *p != wanted) ++p;
  return p;
}

// Passes over bytes of a path that need no look: letters, digits and "-./_", but for a dot or a
// slash behind a slash. It may stop early. The byte before `p` is read.
[[nodiscard]] inline const char* skip_usual_in_path(const char* p,
                                                    [[maybe_unused]] const char* end) {
#if defined(__SSE2__)
  const __m128i slash = _mm_set1_epi8('/');
  for (auto left = end - p; left >= 16; left -= 16, p += 16) {
    __m128i bytes = detail::load16(p);
    __m128i behind_slash = _mm_cmpeq_epi8(detail::load16(p - 1), slash);
    __m128i dot_or_slash =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')), _mm_cmpeq_epi8(bytes, slash));
    unsigned found = detail::bits_of(
        _mm_or_si128(detail::unusual16(bytes), _mm_and_si128(behind_slash, dot_or_slash)));
    if (found != 0) return p + std::countr_zero(found);
  }
#endif
  return p;
}

}  // namespace sallyport::http
