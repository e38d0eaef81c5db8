// The lexer walks the bytes once; `Cursor` knows the line and column of each.
#include "seclang/parser/lexer.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return next_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return next_ + ahead < text_.size() ? text_[next_ + ahead] : '\0';
  }
  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(next_); }

  char take() {
    char c = text_[next_++];
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else {
      ++place_.column;
    }
    return c;
  }

  // A line ends here: LF, CR LF or the end of the text.
  [[nodiscard]] bool at_line_end() const {
    return at_end() || peek() == '\n' || (peek() == '\r' && (peek(1) == '\n' || peek(1) == '\0'));
  }
  // Passes a backslash and the end of line behind it.
  bool join_line() {
    if (peek() != '\\') return false;
    if (peek(1) != '\n' && (peek(1) != '\r' || peek(2) != '\n')) return false;
    while (take() != '\n') {
    }
    return true;
  }
  // Passes blanks and joined lines.
  void skip_blanks() {
    while (!at_end()) {
      if (peek() == ' ' || peek() == '\t') {
        take();
      } else if (!join_line()) {
        return;
      }
    }
  }

 private:
  std::string_view text_;
  std::size_t next_ = 0;
  Place place_{.line = 1, .column = 1};
};

bool starts_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         text::equals_ignoring_case(text.substr(0, start.size()), start);
}

// Only the comment that takes a rule out may go on in the next line: a stray backslash at the end
// of prose must not swallow the rule below it.
void skip_comment(Cursor& cursor) {
  std::string_view rest = cursor.rest();
  rest.remove_prefix(std::min(rest.find_first_not_of("# \t"), rest.size()));
  bool rule = starts_ignoring_case(rest, "SecRule") || starts_ignoring_case(rest, "SecAction");
  while (!cursor.at_line_end()) {
    if (!rule || !cursor.join_line()) cursor.take();
  }
}

// To the closing quote, which must stand in the same line.
Word read_quoted(Cursor& cursor) {
  Word word(cursor.place());
  char quote = cursor.take();
  while (!cursor.at_line_end()) {
    if (cursor.join_line()) continue;
    Place at = cursor.place();
    char c = cursor.take();
    if (c == quote) return word;
    if (c == '\\' && cursor.peek() == quote) {
      c = cursor.take();
    } else if (c == '\\' && cursor.peek() == '\\') {
      word.append(c, at);  // a backslash that is escaped itself escapes no quote
      at = cursor.place();
      c = cursor.take();
    }
    word.append(c, at);
  }
  word.set_unclosed();
  return word;
}

Word read_bare(Cursor& cursor) {
  Word word(cursor.place());
  while (!cursor.at_line_end() && cursor.peek() != ' ' && cursor.peek() != '\t') {
    if (cursor.join_line()) break;
    Place at = cursor.place();
    word.append(cursor.take(), at);
  }
  return word;
}

void read_arguments(Cursor& cursor, Directive& directive) {
  for (;;) {
    cursor.skip_blanks();
    if (cursor.at_line_end()) return;
    if (cursor.peek() == '#') return skip_comment(cursor);
    bool quoted = cursor.peek() == '"' || cursor.peek() == '\'';
    directive.arguments.push_back(quoted ? read_quoted(cursor) : read_bare(cursor));
  }
}

}  // namespace

void Word::append(char c, Place at) {
  Place expected = place(text_.size());
  if (runs_.empty() || expected.line != at.line || expected.column != at.column) {
    runs_.push_back({text_.size(), at});
  }
  text_ += c;
}

Place Word::place(std::size_t offset) const {
  if (runs_.empty()) return start_;
  std::size_t i = runs_.size() - 1;
  while (i > 0 && runs_[i].offset > offset) --i;
  Place place = runs_[i].place;
  place.column += static_cast<unsigned>(offset - runs_[i].offset);
  return place;
}

std::vector<Directive> read_directives(std::string_view source) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (source.starts_with(kByteOrderMark)) source.remove_prefix(kByteOrderMark.size());

  std::vector<Directive> directives;
  Cursor cursor(source);
  for (;;) {
    cursor.skip_blanks();
    if (cursor.at_end()) return directives;
    if (cursor.at_line_end()) {
      cursor.take();
    } else if (cursor.peek() == '#') {
      skip_comment(cursor);
    } else {
      Place place = cursor.place();
      Directive directive{.name = read_bare(cursor).text(), .place = place};
      read_arguments(cursor, directive);
      directives.push_back(std::move(directive));
    }
  }
}

}  // namespace sallyport::seclang
