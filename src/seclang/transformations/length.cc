// length: the number of bytes, as decimal digits.
#include <charconv>

#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view length(std::string_view in, const TransformContext& context) {
  constexpr std::size_t kMostDigits = 20;
  char* out = context.arena.chars(kMostDigits);
  char* end = std::to_chars(out, out + kMostDigits, in.size()).ptr;
  std::string_view digits(out, static_cast<std::size_t>(end - out));
  return digits == in ? in : digits;
}

}  // namespace sallyport::seclang::transform
