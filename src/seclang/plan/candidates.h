// The rules of a phase that are to be evaluated: one bit for each place in Folding::Phase::live,
// and behind those one for each further condition that must hold for one of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"

namespace sallyport::seclang {

// A rule that is live, or a further condition of one: its phase and the place of its bit.
struct RuleRef {
  std::uint32_t phase : 4;
  std::uint32_t place : 28;

  friend bool operator==(const RuleRef&, const RuleRef&) = default;
};

// Bits in words.
[[nodiscard]] inline std::size_t words_for(std::size_t bits) { return (bits + 63) / 64; }
[[nodiscard]] inline bool has_bit(std::span<const std::uint64_t> words, std::size_t bit) {
  return (words[bit / 64] >> (bit % 64) & 1) != 0;
}
inline void set_bit(std::span<std::uint64_t> words, std::size_t bit) {
  words[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

class Candidates {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  // Begins with these, as words. Memory of the arena.
  void begin(Arena& arena, std::span<const std::uint64_t> with) {
    words_ = {arena.array<std::uint64_t>(with.size()), with.size()};
    std::ranges::copy(with, words_.begin());
  }
  void add(std::size_t place) { set_bit(words_, place); }
  [[nodiscard]] bool has(std::size_t place) const { return has_bit(words_, place); }
  void remove(std::size_t place) { words_[place / 64] &= ~(std::uint64_t{1} << (place % 64)); }
  void add_all() { std::ranges::fill(words_, ~std::uint64_t{0}); }
  // The first one at or behind `place`; kNone: there is none.
  [[nodiscard]] std::size_t next(std::size_t place) const {
    std::size_t word = place / 64;
    if (word >= words_.size()) return kNone;
    std::uint64_t rest = words_[word] & (~std::uint64_t{0} << (place % 64));
    while (rest == 0) {
      if (++word == words_.size()) return kNone;
      rest = words_[word];
    }
    return word * 64 + static_cast<std::size_t>(__builtin_ctzll(rest));
  }

 private:
  std::span<std::uint64_t> words_;
};

}  // namespace sallyport::seclang
