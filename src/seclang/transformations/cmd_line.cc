// cmdLine: undoes what shells overlook, so that a command is found however it is quoted.
#include "base/text.h"
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr ByteSet kDropped{std::string_view("\"'\\^")};
constexpr ByteSet kSpaces{std::string_view(" ,;\t\r\n")};
constexpr ByteSet kTakesNoSpaceBefore{std::string_view("/(")};
constexpr ByteSet kMayChange{[](char c) {
  return kDropped.contains(c) || (kSpaces.contains(c) && c != ' ') || text::lower(c) != c;
}};

// What changes in a value without any of kMayChange: a space before another, or before / and (.
bool has_space_to_drop(std::string_view in) {
  std::size_t i = in.find(' ');
  while (i != std::string_view::npos && i + 1 < in.size()) {
    if (in[i + 1] == ' ' || kTakesNoSpaceBefore.contains(in[i + 1])) return true;
    i = in.find(' ', i + 2);
  }
  return false;
}

}  // namespace

std::string_view cmd_line(std::string_view in, const TransformContext& context) {
  std::size_t i = kMayChange.find(in);
  if (i == std::string_view::npos && !has_space_to_drop(in)) return in;
  Output out(context, in.size());
  bool space = false;  // one is due before what follows
  for (char c : in) {
    if (kDropped.contains(c)) continue;
    if (kSpaces.contains(c)) {
      space = true;
      continue;
    }
    if (space && !kTakesNoSpaceBefore.contains(c)) out.put(' ');
    space = false;
    out.put(text::lower(c));
  }
  if (space) out.put(' ');
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
