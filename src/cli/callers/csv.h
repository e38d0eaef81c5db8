// Comma-separated values (RFC 4180), strictly: a quote stands only where a field begins or is
// doubled, every record has as many fields as the first, and what follows an error is not read.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

class CsvReader {
 public:
  // `text` must outlive it.
  explicit CsvReader(std::string_view text) : rest_(text) {}

  using Record = std::vector<std::string>;
  // The next record; nothing at the end. The error is a sentence. Empty lines are passed over.
  [[nodiscard]] std::expected<std::optional<Record>, std::string> next();
  // Where the record that came last begins, from 1.
  [[nodiscard]] std::size_t line() const { return record_line_; }

 private:
  [[nodiscard]] std::expected<std::string, std::string> quoted();
  [[nodiscard]] std::expected<std::string, std::string> plain();
  [[nodiscard]] bool take_line_end();
  [[nodiscard]] std::string at_line(std::string_view what) const;

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
  std::size_t fields_ = 0;  // of a record; 0: not known yet
};

}  // namespace sallyport::cli
