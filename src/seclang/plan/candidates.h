// The rules of a phase that are to be evaluated: one bit for each place in Folding::Phase::live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sallyport::seclang {

class Candidates {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  // None of so many. Keeps its memory.
  void resize(std::size_t places) { words_.assign((places + 63) / 64, 0); }
  void add(std::size_t place) { words_[place / 64] |= std::uint64_t{1} << (place % 64); }
  void add(const Candidates& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= others.words_[i];
  }
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
  std::vector<std::uint64_t> words_;
};

}  // namespace sallyport::seclang
