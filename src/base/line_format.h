// Formats text and numbers into memory the caller has provided, for code that writes a line per
// request: no allocation, no bounds check, a few instructions for what is usual.
//
// Each function writes at `out` and returns the end of what it wrote. Up to kLineSlack bytes behind
// that may be overwritten: leave room for them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sallyport {

inline constexpr std::size_t kLineSlack = 16;

// The most bytes `put_json` returns for a text of that size.
[[nodiscard]] constexpr std::size_t json_room(std::size_t size) { return size * 6; }

namespace line_format {

// Sixteen bytes and whether they all are printable ASCII other than quote and backslash.
class Chunk {
 public:
  static Chunk load(const char* from) {
    Chunk chunk;
    std::memcpy(&chunk.bytes_, from, sizeof chunk.bytes_);
    return chunk;
  }
  // Each word stands for as many bytes of text as it has; the rest is plain.
  static Chunk words(std::uint64_t a, std::uint64_t b) {
    Chunk chunk;
    std::memcpy(&chunk.bytes_, &a, sizeof a);
    std::memcpy(reinterpret_cast<char*>(&chunk.bytes_) + sizeof a, &b, sizeof b);
    return chunk;
  }
  void store(char* out) const { std::memcpy(out, &bytes_, sizeof bytes_); }

#if defined(__SSE2__)
  [[nodiscard]] bool plain() const {
    // As signed numbers, bytes from 0x80 on are below the space too.
    __m128i bad = _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(bytes_, _mm_set1_epi8(' ')),
                                            _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(0x7F))),
                               _mm_or_si128(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8('"')),
                                            _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('\\'))));
    return _mm_movemask_epi8(bad) == 0;
  }

 private:
  __m128i bytes_;
#else
  [[nodiscard]] bool plain() const { return plain(bytes_[0]) && plain(bytes_[1]); }

 private:
  [[nodiscard]] static bool plain(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHigh = kOnes * 0x80;
    auto zero_bytes = [](std::uint64_t w) { return (w - kOnes) & ~w; };
    std::uint64_t bad = word | ((word - kOnes * ' ') & ~word) | zero_bytes(word ^ kOnes * '"') |
                        zero_bytes(word ^ kOnes * '\\') | zero_bytes(word ^ kOnes * 0x7F);
    return (bad & kHigh) == 0;
  }
  std::uint64_t bytes_[2];
#endif
};

template <typename Word>
Word load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Copies `text` and says whether all of it is plain. Pieces overlap instead of ending in a loop.
inline bool copy(char* out, std::string_view text) {
  const char* from = text.data();
  std::size_t n = text.size();
  if (n >= 16) {
    bool plain = true;
    std::size_t last = n - 16;
    for (std::size_t i = 0; i < last; i += 16) {
      Chunk chunk = Chunk::load(from + i);
      chunk.store(out + i);
      plain &= chunk.plain();
    }
    Chunk chunk = Chunk::load(from + last);
    chunk.store(out + last);
    return plain && chunk.plain();
  }
  if (n >= 8) {
    auto a = load<std::uint64_t>(from);
    auto b = load<std::uint64_t>(from + n - 8);
    std::memcpy(out, &a, 8);
    std::memcpy(out + n - 8, &b, 8);
    return Chunk::words(a, b).plain();
  }
  constexpr std::uint64_t kSpaces = 0x2020202020202020U;
  std::uint64_t word = 0;
  if (n >= 4) {
    word = load<std::uint32_t>(from) | std::uint64_t{load<std::uint32_t>(from + n - 4)} << 32;
    std::memcpy(out, &word, 4);
    std::memcpy(out + n - 4, reinterpret_cast<const char*>(&word) + 4, 4);
    return Chunk::words(word, kSpaces).plain();
  }
  if (n == 0) return true;
  // First, middle and last byte are all there are.
  auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(from[i])}; };
  word = (kSpaces & ~std::uint64_t{0xFFFFFF}) | byte(0) | byte(n / 2) << 8 | byte(n - 1) << 16;
  out[0] = from[0];
  out[n / 2] = from[n / 2];
  out[n - 1] = from[n - 1];
  return Chunk::words(word, kSpaces).plain();
}

[[nodiscard]] char* put_json_escaped(char* out, std::string_view text);
[[nodiscard]] char* put_long_number(char* out, std::uint64_t value);

// The decimal digits of a number below 10^8, one per byte, the first in the lowest byte.
[[nodiscard]] constexpr std::uint64_t eight_digits(std::uint64_t value) {
  std::uint64_t fours = value / 10'000 | (value % 10'000) << 32;
  std::uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000'007F'0000'007FU;
  std::uint64_t twos = (fours - 100 * hundreds) << 16 | hundreds;
  std::uint64_t tens = (twos * 103 >> 10) & 0x000F'000F'000F'000FU;
  return (twos - 10 * tens) << 8 | tens;
}

}  // namespace line_format

// `text` as it is.
[[nodiscard]] inline char* put_text(char* out, std::string_view text) {
  static_cast<void>(line_format::copy(out, text));
  return out + text.size();
}

// `text` as the inside of a JSON string. Quote, backslash and control characters are escaped, C1
// controls too (terminals obey them); bytes that are not UTF-8 become \u00XX.
[[nodiscard]] inline char* put_json(char* out, std::string_view text) {
  if (line_format::copy(out, text)) [[likely]]
    return out + text.size();
  return line_format::put_json_escaped(out, text);
}

// `value` in decimal.
[[nodiscard]] inline char* put_number(char* out, std::uint64_t value) {
  if (value >= 100'000'000 || std::endian::native != std::endian::little) [[unlikely]] {
    return line_format::put_long_number(out, value);
  }
  std::uint64_t digits = line_format::eight_digits(value);
  // The last digit is written even if it is a zero.
  auto zeros = static_cast<unsigned>(std::countr_zero(digits | std::uint64_t{1} << 56)) & ~7U;
  digits = (digits | 0x3030303030303030U) >> zeros;
  std::memcpy(out, &digits, sizeof digits);
  return out + 8 - zeros / 8;
}

}  // namespace sallyport
