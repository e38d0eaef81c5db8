// Where the parser puts what is wrong with one file.
#pragma once

#include <string>
#include <utility>

#include "seclang/error.h"
#include "seclang/parser/lexer.h"

namespace sallyport::seclang {

class Report {
 public:
  Report(std::string file, LoadErrors& errors) : file_(std::move(file)), errors_(errors) {}

  void error(Place place, std::string message, std::string hint = {}) {
    errors_.push_back({.file = file_,
                       .line = place.line,
                       .column = place.column,
                       .message = std::move(message),
                       .hint = std::move(hint)});
  }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
  LoadErrors& errors_;
};

// A part of a directive's argument under the eyes of a parser: its text, and where that stands.
struct Piece {
  std::string text;
  const Word* word = nullptr;
  std::size_t offset = 0;  // of `text` in the word, as far as no escape stands before it

  [[nodiscard]] Place place(std::size_t at = 0) const { return word->place(offset + at); }
};

}  // namespace sallyport::seclang
