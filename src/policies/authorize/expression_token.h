// The words an expression is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "policies/authorize/expression.h"

namespace sallyport::policies::authorize_detail {

struct Token {
  enum class Kind : std::uint8_t { end, word, text, number, symbol };
  Kind kind = Kind::end;
  std::string text;  // a text without its quotes and escapes
  std::size_t column = 0;

  [[nodiscard]] bool is(std::string_view symbol_or_word) const {
    return (kind == Kind::symbol || kind == Kind::word) && text == symbol_or_word;
  }
};

// Splits a text, which must outlive it.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  [[nodiscard]] std::expected<Token, ExpressionFault> next();

 private:
  [[nodiscard]] std::expected<Token, ExpressionFault> quoted(std::size_t begin);
  [[nodiscard]] Token run(Token::Kind kind, std::size_t begin, std::string_view more);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace sallyport::policies::authorize_detail
