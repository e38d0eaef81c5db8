// See csv.h.
#include "cli/callers/csv.h"

#include <algorithm>

namespace sallyport::cli {

std::string CsvReader::at_line(std::string_view what) const {
  return "Line " + std::to_string(line_) + ": " + std::string(what) + ".";
}

bool CsvReader::take_line_end() {
  if (rest_.starts_with("\r\n")) {
    rest_.remove_prefix(2);
  } else if (rest_.starts_with('\n')) {
    rest_.remove_prefix(1);
  } else {
    return false;
  }
  ++line_;
  return true;
}

std::expected<std::string, std::string> CsvReader::quoted() {
  rest_.remove_prefix(1);
  std::string field;
  for (;;) {
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) {
      return std::unexpected(at_line("a quote is not closed"));
    }
    field += rest_.substr(0, quote);
    line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, quote), '\n'));
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return field;
    field += '"';
    rest_.remove_prefix(1);
  }
}

std::expected<std::string, std::string> CsvReader::plain() {
  const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
  std::string field(rest_.substr(0, end));
  if (field.contains('"')) return std::unexpected(at_line("a quote stands within a field"));
  rest_.remove_prefix(end);
  return field;
}

std::expected<std::optional<CsvReader::Record>, std::string> CsvReader::next() {
  while (take_line_end()) {
  }
  if (rest_.empty()) return std::nullopt;
  record_line_ = line_;
  Record record;
  for (;;) {
    auto field = rest_.starts_with('"') ? quoted() : plain();
    if (!field) return std::unexpected(std::move(field.error()));
    record.push_back(std::move(*field));
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      continue;
    }
    const std::size_t line = line_;
    if (!rest_.empty() && !take_line_end()) {
      return std::unexpected(at_line("something stands behind a field"));
    }
    if (fields_ == 0) fields_ = record.size();
    if (record.size() == fields_) return record;
    line_ = line;
    return std::unexpected(at_line("there are " + std::to_string(record.size()) + " fields, not " +
                                   std::to_string(fields_)));
  }
}

}  // namespace sallyport::cli
