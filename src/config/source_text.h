// The text of a configuration file: its places, and whether it is text at all.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::config {

// Lines and columns count from 0 here and columns are bytes, as parsers count; marks count from 1
// and in characters. The text must outlive the object.
class SourceText {
 public:
  SourceText(std::string_view text, std::string_view file);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t line_count() const { return lines_.size(); }
  // A line without its end; empty past the last one.
  [[nodiscard]] std::string_view line(std::size_t index) const;

  [[nodiscard]] schema::Mark mark(std::size_t line, std::size_t column) const;
  [[nodiscard]] schema::Mark mark_at(std::size_t offset) const;
  [[nodiscard]] schema::Mark whole_file() const { return {.file = file_}; }

  // Reports the first byte that is not UTF-8 (RFC 3629) or is a control character.
  bool check_bytes(schema::Diagnostics& diagnostics) const;

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::size_t> lines_;      // where each begins
  std::vector<std::size_t> continued_;  // bytes that continue a UTF-8 sequence; finds columns in
                                        // long lines without counting from their beginning
};

}  // namespace sallyport::config
