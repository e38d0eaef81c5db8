// Where the parser puts what it finds wrong with one file.
#pragma once

#include <string>
#include <utility>

#include "seclang/error.h"
#include "seclang/parser/lexer.h"

namespace sallyport::seclang {

struct Findings {
  LoadErrors errors;
  LoadErrors warnings;  // what ModSecurity accepts, and is most likely a mistake
};

class Report {
 public:
  Report(std::string file, Findings& findings) : file_(std::move(file)), findings_(findings) {}

  void error(Place place, std::string message, std::string hint = {}) {
    findings_.errors.push_back(finding(place, std::move(message), std::move(hint)));
  }
  void warn(Place place, std::string message, std::string hint = {}) {
    findings_.warnings.push_back(finding(place, std::move(message), std::move(hint)));
  }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  [[nodiscard]] LoadError finding(Place place, std::string message, std::string hint) const {
    return {.file = file_,
            .line = place.line,
            .column = place.column,
            .message = std::move(message),
            .hint = std::move(hint)};
  }

  std::string file_;
  Findings& findings_;
};

// A part of a directive's argument under the eyes of a parser: its text, and where that stands.
struct Piece {
  std::string text;
  const Word* word = nullptr;
  std::size_t offset = 0;  // of `text` in the word, as far as no escape stands before it

  [[nodiscard]] Place place(std::size_t at = 0) const { return word->place(offset + at); }
};

}  // namespace sallyport::seclang
