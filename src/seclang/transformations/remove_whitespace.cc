// removeWhitespace: without white space and the two bytes of a non-breaking space in UTF-8, each by
// itself: other sequences that hold one of them are torn, as in ModSecurity.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kSpaces{[](char c) { return is_space(c) || byte(c) == 0xC2 || byte(c) == 0xA0; }};

}  // namespace

std::string_view remove_whitespace(std::string_view in, const TransformContext& context) {
  return without(in, kSpaces, context);
}

}  // namespace sallyport::seclang::transform
