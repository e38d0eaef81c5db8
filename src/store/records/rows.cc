// See rows.h.
#include "store/records/rows.h"

namespace sallyport::store {

std::string to_lines(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += '\n';
    out += word;
  }
  return out;
}

std::vector<std::string> from_lines(std::string_view lines) {
  std::vector<std::string> words;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    words.emplace_back(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return words;
}

std::string placeholders(std::size_t rows, std::size_t columns) {
  std::string text;
  for (std::size_t i = 0; i < rows * columns; ++i) {
    if (i % columns == 0) text += i == 0 ? "(" : "), (";
    text += (i % columns == 0 ? "$" : ", $") + std::to_string(i + 1);
  }
  return text += ')';
}

void read_hash(std::string_view bytes, Hash& hash) {
  hash.fill(0);
  if (bytes.size() == hash.size()) std::copy_n(as_bytes(bytes), hash.size(), hash.begin());
}

}  // namespace sallyport::store
