// lowercase and uppercase, of ASCII letters only.
#include "base/text.h"
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

}  // namespace

std::string_view lowercase(std::string_view in, const TransformContext& context) {
  return map_bytes(in, context, [](char c) { return text::lower(c); });
}

std::string_view uppercase(std::string_view in, const TransformContext& context) {
  return map_bytes(in, context, upper);
}

}  // namespace sallyport::seclang::transform
