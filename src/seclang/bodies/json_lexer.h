// Cuts JSON text into tokens as yajl does, with its messages for what is no token.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace sallyport::seclang {

enum class JsonToken : std::uint8_t {
  end,
  error,
  object_begin,
  object_end,
  array_begin,
  array_end,
  colon,
  comma,
  string,
  number,
  literal_true,
  literal_false,
  literal_null,
};

// Cuts the text into tokens. yajl ends a document by feeding it one more space, which shows in the
// message of a token that is cut off: so here the end of the text reads as a space.
class JsonLexer {
 public:
  explicit JsonLexer(std::string_view text) : text_(text) {}

  [[nodiscard]] JsonToken next();
  [[nodiscard]] std::string_view error() const { return error_; }
  // Of the last string or number; a view of the text unless there are escapes in it.
  [[nodiscard]] std::string_view value(Arena& arena) const;

 private:
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : ' '; }
  JsonToken fail(std::string_view message) {
    error_ = message;
    return JsonToken::error;
  }
  JsonToken literal(std::string_view word, JsonToken token);
  JsonToken number();
  JsonToken string();
  std::size_t utf8_length(std::size_t i) const;

  std::string_view text_;
  std::size_t position_ = 0;
  std::string_view value_;
  bool has_escapes_ = false;
  std::string_view error_;
};

}  // namespace sallyport::seclang
