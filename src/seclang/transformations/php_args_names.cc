// phpArgsNames: the name that PHP gives a parameter of this name. Newer than ModSecurity 3.0.9.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kMayChange{std::string_view(" .[=")};

}  // namespace

std::string_view php_args_names(std::string_view in, const TransformContext& context) {
  if (kMayChange.find(in) == std::string_view::npos) return in;
  if (in.starts_with('[') || in.starts_with('=')) return {};
  Output out(context, in.size());
  std::size_t i = std::min(in.find_first_not_of(' '), in.size());

  // The name: up to the first bracket that is closed later. One that is not closed is a letter, and
  // ends the replacing.
  bool open = false;
  for (; i < in.size(); ++i) {
    char c = in[i];
    if (c == '[' && !open) {
      if (in.find(']', i) != std::string_view::npos) break;
      open = true;
      out.put('_');
    } else {
      out.put(!open && (c == ' ' || c == '.') ? '_' : c);
    }
  }
  // The keys: as they are, but for a single space; what stands behind the last one goes.
  while (i < in.size() && in[i] == '[') {
    std::size_t close = in.find(']', i);
    if (close == std::string_view::npos) break;
    std::string_view key = in.substr(i, close + 1 - i);
    out.put(key == "[ ]" ? "[]" : key);
    i = close + 1;
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
