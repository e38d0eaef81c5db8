// Every transformation on any bytes. Beyond not crashing: the same input gives the same output, an
// unchanged value is the value itself, and no output grows beyond what its encoding can explain.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/fuzzing.h"
#include "seclang/transformations/transformation.h"
#include "seclang/transformations/unicode_map.h"

namespace sallyport::seclang {
namespace {

using fuzzing::require;

constexpr std::size_t kMostGrowth = 4;  // utf8toUnicode, the largest
constexpr std::size_t kMostSmall = 20;  // digests and counts, however short the value

// `in` is a block of its own on the heap, so that reading beyond it is found.
void check(const Transformation& transformation, std::string_view in, const UnicodeMap* map) {
  alignas(8) std::array<std::byte, 64> block;
  Arena arena(block);
  std::string before(in);
  std::string first(transformation.apply(in, {.arena = arena, .unicode_map = map}));
  require(in == before);
  require(first.size() <= in.size() * kMostGrowth || first.size() <= kMostSmall);

  std::string_view again = transformation.apply(in, {.arena = arena, .unicode_map = map});
  require(again == first);
  if (again == in && !in.empty()) require(again.data() == in.data());
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::seclang;
  static const auto map = UnicodeMap::parse("1 x 0041:42 ff21:43", 1);
  auto own = std::make_unique<char[]>(size);
  std::copy_n(data, size, own.get());
  std::string_view bytes(own.get(), size);
  for (const Transformation& transformation : transformations()) {
    check(transformation, bytes, nullptr);
    check(transformation, bytes, map->get());
  }
  (void)UnicodeMap::parse(bytes, 1);
  return 0;
}
