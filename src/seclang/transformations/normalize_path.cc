// normalizePath and normalizePathWin: without empty segments, "." and "..". The latter takes
// backslashes for slashes.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

// Whether a segment is empty or ends with a dot: nothing else changes a path.
bool may_change(std::string_view in) {
  for (std::size_t i = in.find('/'); i != std::string_view::npos; i = in.find('/', i + 1)) {
    if (i > 0 && (in[i - 1] == '/' || in[i - 1] == '.')) return true;
  }
  return in.back() == '.';
}

// Works in place, one byte at a time, as ModSecurity does: what is written is looked at again to
// know whether a dot is the second one, so "a..", for instance, counts as a way up.
class Normalizer {
 public:
  Normalizer(char* path, std::size_t size, bool windows)
      : path_(path),
        last_(static_cast<std::ptrdiff_t>(size) - 1),
        windows_(windows),
        relative_(!is_slash(path[0])),
        keeps_slash_(is_slash(path[last_])) {}

  std::string_view run() {
    while (!done_ && from_ <= last_ && to_ <= last_) {
      if (!windows_) copy_inner();
      step();
    }
    if (!keeps_slash_ && to_ > 0 && path_[to_ - 1] == '/') --to_;
    return {path_, static_cast<std::size_t>(to_)};
  }

 private:
  [[nodiscard]] bool is_slash(char c) const { return c == '/' || (windows_ && c == '\\'); }

  // What stands in front of the last byte of a segment is copied whatever it is.
  void copy_inner() {
    const auto rest = static_cast<std::size_t>(last_ - from_);
    const void* slash = std::memchr(path_ + from_, '/', rest + 1);
    const std::size_t segment =
        slash == nullptr ? rest + 1
                         : static_cast<std::size_t>(static_cast<const char*>(slash) - path_) -
                               static_cast<std::size_t>(from_);
    if (segment < 2) return;
    std::memmove(path_ + to_, path_ + from_, segment - 1);
    from_ += static_cast<std::ptrdiff_t>(segment) - 1;
    to_ += static_cast<std::ptrdiff_t>(segment) - 1;
  }

  void step() {
    if (windows_) {
      if (path_[from_] == '\\') path_[from_] = '/';
      if (from_ < last_ && path_[from_ + 1] == '\\') path_[from_ + 1] = '/';
    }
    done_ = from_ == last_;
    bool ends_segment = done_ || path_[from_ + 1] == '/';
    if (ends_segment && !end_segment()) return;
    copy();
  }

  // At the last byte of a segment. False: there is nothing to copy.
  bool end_segment() {
    if (!done_ && path_[from_] == '/') return true;  // empty: copy() deals with it
    if (path_[from_] != '.') {
      if (to_ > 0) hit_root_ = false;
      return true;
    }
    if (to_ > 0 && path_[to_ - 1] == '.') return go_up();
    if (to_ > 0 && path_[to_ - 1] != '/') return true;
    // "." alone.
    if (done_) return false;
    if (to_ > 0) --to_;
    ++from_;
    return true;
  }

  // Behind "..".
  bool go_up() {
    if (relative_ && (hit_root_ || to_ <= 2)) {  // nowhere to go: the dots stay
      hit_root_ = true;
      return true;
    }
    to_ -= 3;
    while (to_ > 0 && path_[to_] != '/') --to_;
    if (to_ <= 0) {
      hit_root_ = true;
      to_ = !relative_ && done_ ? 1 : 0;
    }
    if (done_) return false;
    ++from_;
    return true;
  }

  void copy() {
    if (path_[from_] == '/') {
      while (from_ < last_ && is_slash(path_[from_ + 1])) ++from_;
      if (relative_ && to_ == 0) {  // a relative path does not become an absolute one
        ++from_;
        return;
      }
    }
    path_[to_++] = path_[from_++];
  }

  char* path_;
  std::ptrdiff_t from_ = 0;  // what is looked at
  std::ptrdiff_t to_ = 0;    // where the next byte goes; never behind `from_`
  std::ptrdiff_t last_;
  bool windows_;
  bool relative_;
  bool keeps_slash_;
  bool hit_root_ = false;
  bool done_ = false;
};

std::string_view normalize(std::string_view in, bool windows, const TransformContext& context) {
  if (in.empty()) return in;
  if (!may_change(in) && !(windows && in.find('\\') != std::string_view::npos)) return in;
  char* path = context.arena.chars(in.size());
  std::ranges::copy(in, path);
  std::string_view out = Normalizer(path, in.size(), windows).run();
  return out == in ? in : out;
}

}  // namespace

std::string_view normalize_path(std::string_view in, const TransformContext& context) {
  return normalize(in, false, context);
}

std::string_view normalize_path_win(std::string_view in, const TransformContext& context) {
  return normalize(in, true, context);
}

}  // namespace sallyport::seclang::transform
