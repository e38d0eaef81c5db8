// removeNulls and replaceNulls: without NUL bytes, or with spaces for them.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kNul{std::string_view("\0", 1)};

}  // namespace

std::string_view remove_nulls(std::string_view in, const TransformContext& context) {
  if (in.find('\0') == std::string_view::npos) return in;
  return without(in, kNul, context);
}

std::string_view replace_nulls(std::string_view in, const TransformContext& context) {
  if (in.find('\0') == std::string_view::npos) return in;
  return map_bytes(in, context, [](char c) { return c == '\0' ? ' ' : c; });
}

}  // namespace sallyport::seclang::transform
