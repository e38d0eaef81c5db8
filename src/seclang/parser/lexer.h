// Takes the text of a rule file apart into directives and their arguments: lines are joined,
// comments dropped, quotes taken off. Knows nothing of what the directives mean.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::seclang {

// Where something stands in a file, both counted from 1.
struct Place {
  unsigned line = 0;
  unsigned column = 0;
};

// An argument without its quotes, which remembers where each of its bytes stood.
class Word {
 public:
  explicit Word(Place start = {}) : start_(start) {}

  void append(char c, Place at);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Place opening() const { return start_; }
  // The line ended before the closing quote. Both ModSecurity and Apache overlook that.
  [[nodiscard]] bool unclosed() const { return unclosed_; }
  void set_unclosed() { unclosed_ = true; }
  // Of the byte at `offset`; behind the end: where it would have gone on.
  [[nodiscard]] Place place(std::size_t offset = 0) const;

 private:
  // From `offset` on, bytes stand side by side beginning at `place`.
  struct Run {
    std::size_t offset;
    Place place;
  };
  Place start_;
  bool unclosed_ = false;
  std::string text_;
  std::vector<Run> runs_;
};

struct Directive {
  std::string name;  // as written
  Place place;
  std::vector<Word> arguments;
};

// A backslash at the end of a line joins it with the next. In a quoted argument \" stands for a
// quote; any other backslash is the argument's. A # where a directive or an argument could begin
// starts a comment; a rule that is commented out takes its continued lines with it.
[[nodiscard]] std::vector<Directive> read_directives(std::string_view source);

}  // namespace sallyport::seclang
