// A part's Content-Disposition, with the numbers ModSecurity 3 gives to what is wrong with one.
#include <string_view>

#include "base/text.h"
#include "seclang/bodies/multipart_parts.h"
#include "seclang/characters.h"

namespace sallyport::seclang {
namespace {

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool is_token(char c) { return c > 0x20 && c < 0x7F && !is_one_of(c, "()<>@,;:\\\"/[]?="); }

class Reader {
 public:
  Reader(std::string_view text, std::uint32_t offset, Disposition& found, Arena& arena,
         BodyObserver* observer)
      : text_(text), offset_(offset), found_(found), arena_(arena), observer_(observer) {}

  int read();

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++position_;
  }

  int parameter();
  int quoted(char quote, std::string_view& value);
  std::string_view unescape(std::string_view text, char quote);
  int extended(std::string_view& value);
  int take(std::string_view name, std::string_view value, char quote);

  std::string_view text_;
  const std::uint32_t offset_;
  std::size_t position_ = 0;
  Disposition& found_;
  Arena& arena_;
  BodyObserver* const observer_;
  std::string_view extended_filename_;
};

int Reader::read() {
  if (!text_.starts_with("form-data")) return -1;
  position_ = std::string_view("form-data").size();
  skip_blanks();
  if (at_end()) return 0;
  if (peek() != ';') return -2;
  ++position_;

  while (!at_end()) {
    if (const int error = parameter(); error != 0) return error;
    skip_blanks();
    if (at_end()) break;
    if (peek() != ';') {
      if (is_one_of(text_[position_ - 1], "'\"")) found_.invalid_quoting = true;
      return -12;
    }
    ++position_;
  }
  return !extended_filename_.empty() && found_.filename.text.empty() ? -21 : 0;
}

int Reader::parameter() {
  skip_blanks();
  if (at_end()) return -3;
  const std::size_t start = position_;
  while (!at_end() && !is_one_of(peek(), "= \t")) ++position_;
  if (at_end()) return -4;
  const std::string_view name = text_.substr(start, position_ - start);
  skip_blanks();
  if (at_end()) return -5;
  if (peek() != '=') return -13;
  ++position_;
  skip_blanks();
  if (at_end()) return -6;

  std::string_view value;
  char quote = '\0';
  int error = 0;
  if (name == "filename*") {
    error = extended(value);
  } else if (peek() == '"' || peek() == '\'') {
    quote = peek();
    error = quoted(quote, value);
  } else {
    const std::size_t begin = position_;
    while (!at_end() && is_token(peek())) ++position_;
    value = text_.substr(begin, position_ - begin);
  }
  return error != 0 ? error : take(name, value, quote);
}

// Behind a backslash only a quote and a backslash are escaped: old browsers send Windows paths.
int Reader::quoted(char quote, std::string_view& value) {
  if (quote == '\'') found_.invalid_quoting = true;
  ++position_;
  if (at_end()) return -7;
  const std::size_t begin = position_;
  bool escapes = false;
  while (!at_end() && peek() != quote) {
    if (peek() == '\\') {
      if (position_ + 1 == text_.size()) return -8;
      if (peek(1) == quote || peek(1) == '\\') {
        escapes = true;
        ++position_;
      }
    }
    ++position_;
  }
  value = text_.substr(begin, position_ - begin);
  if (escapes) value = unescape(value, quote);
  // ModSecurity reads on behind the text when the quote is never closed, so what it finds is
  // chance.
  if (at_end()) {
    found_.invalid_quoting = true;
  } else {
    ++position_;
  }
  return 0;
}

std::string_view Reader::unescape(std::string_view text, char quote) {
  char* const begin = arena_.chars(text.size());
  char* out = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && (text[i + 1] == quote || text[i + 1] == '\\')) ++i;
    *out++ = text[i];
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

// charset'language'name, with percent escapes that stay as they are: only whether it is well formed
// counts, the plain filename has to be there as well.
int Reader::extended(std::string_view& value) {
  const std::size_t charset = position_;
  while (is_alphanumeric(peek()) || (!at_end() && is_one_of(peek(), "!#$%&+-^_`{}~"))) ++position_;
  if (peek() != '\'' || position_ == charset) return -16;
  ++position_;
  while (!at_end() && peek() != '\'') ++position_;
  if (at_end()) return -17;
  ++position_;

  const std::size_t begin = position_;
  while (!at_end() && peek() != ';') {
    if (peek() == '%') {
      if (text::hex_digit(peek(1)) < 0 || text::hex_digit(peek(2)) < 0) return -18;
      position_ += 3;
    } else if (is_alphanumeric(peek()) || is_one_of(peek(), "!#$&+-.^_`~")) {
      ++position_;
    } else {
      return -19;
    }
  }
  value = text_.substr(begin, position_ - begin);
  return 0;
}

int Reader::take(std::string_view name, std::string_view value, char quote) {
  if (name == "filename*") {
    if (!extended_filename_.empty()) return -20;
    extended_filename_ = value;
    return 0;
  }
  const bool is_name = name == "name";
  if (!is_name && name != "filename") return -11;
  if (quote != '"' && value.find('\'') != std::string_view::npos) found_.invalid_quoting = true;
  const DispositionParameter parameter{
      .text = value, .offset = offset_ + static_cast<std::uint32_t>(position_ - value.size())};
  (is_name ? found_.names : found_.filenames).push_back(parameter);
  DispositionParameter& kept = is_name ? found_.name : found_.filename;
  const bool again = !kept.text.empty();
  if (observer_ != nullptr) observer_->disposition(name, value, again);
  if (again) return is_name ? -14 : -15;
  kept = parameter;
  return 0;
}

}  // namespace

void read_disposition(std::string_view value, std::uint32_t offset, Disposition& found,
                      Arena& arena, BodyObserver* observer) {
  found.error = Reader(value, offset, found, arena, observer).read();
}

}  // namespace sallyport::seclang
