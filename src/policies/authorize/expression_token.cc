// See expression_token.h.
#include "policies/authorize/expression_token.h"

#include <algorithm>
#include <array>

namespace sallyport::policies::authorize_detail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

constexpr std::array<std::string_view, 12> kSymbols = {"==", "!=", "<=", ">=", "<", ">",
                                                       "(",  ")",  "[",  "]",  ",", "."};

std::string suggestion_for(char c) {
  if (c == '=') return "Write == to compare.";
  if (c == '&') return "Write `and`.";
  if (c == '|') return "Write `or`.";
  if (c == '!') return "Write `not`, or != to compare.";
  return {};
}

}  // namespace

std::expected<Token, ExpressionFault> Tokens::next() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  const std::size_t begin = at_;
  if (begin == text_.size()) return Token{.column = begin + 1};
  const char c = text_[begin];
  if (c == '"' || c == '\'') return quoted(begin);
  // The '-' of header names and claims; the language has no arithmetic.
  if (is_letter(c)) return run(Token::Kind::word, begin, "-");
  const bool negative = c == '-' && begin + 1 < text_.size() && is_digit(text_[begin + 1]);
  if (is_digit(c) || negative) return run(Token::Kind::number, begin, ".");
  for (std::string_view symbol : kSymbols) {
    if (!text_.substr(begin).starts_with(symbol)) continue;
    at_ += symbol.size();
    return Token{.kind = Token::Kind::symbol, .text = std::string(symbol), .column = begin + 1};
  }
  const bool printable = c > ' ' && c < 0x7F;
  return std::unexpected(ExpressionFault{
      .column = begin + 1,
      .message = printable ? "unexpected '" + std::string(1, c) + "'" : "unexpected character",
      .suggestion = suggestion_for(c)});
}

Token Tokens::run(Token::Kind kind, std::size_t begin, std::string_view more) {
  at_ = begin + 1;
  while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) ||
                                more.find(text_[at_]) != std::string_view::npos)) {
    ++at_;
  }
  return {.kind = kind, .text = std::string(text_.substr(begin, at_ - begin)), .column = begin + 1};
}

std::expected<Token, ExpressionFault> Tokens::quoted(std::size_t begin) {
  Token token{.kind = Token::Kind::text, .text = {}, .column = begin + 1};
  for (at_ = begin + 1; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == text_[begin]) {
      ++at_;
      return token;
    }
    if (c == '\\') {
      if (++at_ == text_.size()) break;
      c = text_[at_];
      if (c != '\\' && c != '"' && c != '\'') {
        return std::unexpected(
            ExpressionFault{.column = at_,
                            .message = "unknown escape in a text",
                            .suggestion = "A backslash stands before quotes and backslashes."});
      }
    }
    token.text += c;
  }
  return std::unexpected(ExpressionFault{
      .column = begin + 1, .message = "this text has no closing quote", .suggestion = {}});
}

}  // namespace sallyport::policies::authorize_detail
