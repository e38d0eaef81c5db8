// What fuzzers share. Only for *_fuzz.cc.
#pragma once

#include <cstdlib>
#include <string_view>
#include <vector>

namespace sallyport::fuzzing {

// What must hold, whatever the bytes: a fuzzer's finding is an abort.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Whether `part` is a piece of the very memory of `whole`.
[[nodiscard]] inline bool lies_in(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// A block of the heap with nothing behind the bytes, so that reading on is found.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

 private:
  const std::vector<char> bytes_;
};

}  // namespace sallyport::fuzzing
