// How the tests of this folder write down what a parser found.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {

// An arena without a first block.
struct HeapArena : Arena {
  HeapArena() : Arena({}) {}
};

// "name=value" for each, joined by '|'.
inline std::string written(const std::vector<Field>& fields) {
  std::string all;
  for (const Field& field : fields) {
    if (!all.empty()) all += '|';
    all.append(field.name).append("=").append(field.value);
  }
  return all;
}

// A copy on the heap of exactly these bytes, so that a sanitizer sees a read past them.
struct ExactBytes {
  explicit ExactBytes(std::string_view text) : bytes(text.begin(), text.end()) {}
  std::vector<char> bytes;
  [[nodiscard]] std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

}  // namespace sallyport::seclang
