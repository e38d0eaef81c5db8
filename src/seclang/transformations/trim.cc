// trim, trimLeft and trimRight: without white space at the ends. Never copies.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {

std::string_view trim_left(std::string_view in, const TransformContext& /*context*/) {
  while (!in.empty() && is_space(in.front())) in.remove_prefix(1);
  return in;
}

std::string_view trim_right(std::string_view in, const TransformContext& /*context*/) {
  while (!in.empty() && is_space(in.back())) in.remove_suffix(1);
  return in;
}

std::string_view trim(std::string_view in, const TransformContext& context) {
  return trim_right(trim_left(in, context), context);
}

}  // namespace sallyport::seclang::transform
