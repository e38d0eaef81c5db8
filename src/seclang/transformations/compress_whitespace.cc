// compressWhitespace: every run of white space becomes one space.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kSpaces{[](char c) { return is_space(c); }};

// The first white space that is not a single space.
std::size_t find_change(std::string_view in) {
  for (std::size_t i = kSpaces.find(in); i < in.size(); i = kSpaces.find(in, i + 1)) {
    if (in[i] != ' ' || (i + 1 < in.size() && is_space(in[i + 1]))) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view compress_whitespace(std::string_view in, const TransformContext& context) {
  std::size_t i = find_change(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    if (is_space(in[i])) {
      out.put(' ');
      while (i < in.size() && is_space(in[i])) ++i;
    } else {
      out.put(in[i++]);
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
