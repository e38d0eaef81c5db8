// Files that the argument of an operator names. Internal to this folder.
#pragma once

#include <expected>
#include <string>

#include "seclang/operators/operator.h"

namespace sallyport::seclang {

// The content of every file in the argument (several stand with spaces between them), joined by
// line ends. A relative path is looked for beside the file of the rule; nothing is fetched from the
// net.
[[nodiscard]] std::expected<std::string, std::string> read_argument_files(
    const OperatorSource& source);

// The path of the only file in the argument. A relative one is looked for beside the file of the
// rule.
[[nodiscard]] std::expected<std::string, std::string> argument_file(const OperatorSource& source);

// Calls `each(line)` for every line, without its end, which may be LF or CRLF.
template <typename Each>
void for_each_line(std::string_view content, Each each) {
  while (!content.empty()) {
    std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    each(line);
    if (end == std::string_view::npos) return;
    content.remove_prefix(end + 1);
  }
}

}  // namespace sallyport::seclang
