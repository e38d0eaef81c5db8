// removeComments, removeCommentsChar and replaceComments: the comments of C, SQL, HTML and shells.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// Every mark of a comment, opening or closing, begins with one of these.
constexpr ByteSet kMarks{std::string_view("/*<-#")};

// Size of the mark that opens a comment which may end; 0: none is here.
std::size_t opening(std::string_view in) {
  if (in.starts_with("/*")) return 2;
  if (in.starts_with("<!--")) return 4;
  return 0;
}

std::size_t closing(std::string_view in) {
  if (in.starts_with("*/")) return 2;
  if (in.starts_with("-->")) return 3;
  return 0;
}

// Size of any mark.
std::size_t mark(std::string_view in) {
  if (std::size_t size = opening(in); size != 0) return size;
  if (std::size_t size = closing(in); size != 0) return size;
  if (in.starts_with("--")) return 2;
  if (in.starts_with("#")) return 1;
  return 0;
}

}  // namespace

// Comments go; one that does not end becomes a space; -- and # cut the value off. Any closing mark
// ends a comment, and the byte behind it is copied unseen: at the end of the value that is a NUL.
std::string_view remove_comments(std::string_view in, const TransformContext& context) {
  std::size_t i = kMarks.find(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    std::string_view rest = in.substr(i);
    if (rest.starts_with("--") || rest.starts_with('#')) return out.value(in);
    std::size_t size = opening(rest);
    if (size == 0) {
      out.put(in[i++]);
      continue;
    }
    i += size;
    while (i < in.size() && closing(in.substr(i)) == 0) ++i;
    if (i == in.size()) {
      out.put(' ');
      break;
    }
    i += closing(in.substr(i));
    out.put(i < in.size() ? in[i] : '\0');
    ++i;
  }
  return out.value(in);
}

// The marks go, what is commented stays.
std::string_view remove_comments_char(std::string_view in, const TransformContext& context) {
  std::size_t i = kMarks.find(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  while (i < in.size()) {
    std::size_t size = mark(in.substr(i));
    if (size == 0) out.put(in[i++]);
    i += size;
    const std::size_t next = std::min(kMarks.find(in, i), in.size());
    out.put(in.substr(i, next - i));
    i = next;
  }
  return out.value(in);
}

// Each comment of C becomes a space, whether it ends or not.
std::string_view replace_comments(std::string_view in, const TransformContext& context) {
  std::size_t open = in.find("/*");
  if (open == std::string_view::npos) return in;
  Output out(context, in.size());
  std::size_t i = 0;
  while (open != std::string_view::npos) {
    out.put(in.substr(i, open - i));
    out.put(' ');
    std::size_t close = in.find("*/", open + 2);
    if (close == std::string_view::npos) return out.value(in);
    i = close + 2;
    open = in.find("/*", i);
  }
  out.put(in.substr(i));
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
