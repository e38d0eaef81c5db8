#include "seclang/operators/argument_files.h"

#include "base/text.h"

namespace sallyport::seclang {
namespace {

std::string beside(std::string_view rule_file, std::string_view path) {
  std::size_t slash = rule_file.rfind('/');
  if (path.starts_with('/') || slash == std::string_view::npos) return std::string(path);
  return std::string(rule_file.substr(0, slash + 1)) + std::string(path);
}

}  // namespace

std::expected<std::string, std::string> read_argument_files(const OperatorSource& source) {
  if (source.read_file == nullptr) return std::unexpected("files cannot be read here");
  std::string content;
  std::string_view rest = text::trim(source.argument);
  if (rest.empty()) return std::unexpected("the argument names no file");
  while (!rest.empty()) {
    std::string_view path = rest.substr(0, rest.find_first_of(" \t"));
    rest = text::trim(rest.substr(path.size()));
    if (path.starts_with("https://") || path.starts_with("http://")) {
      return std::unexpected("\"" + std::string(path) +
                             "\" is not a file; keep a copy beside the rules");
    }
    auto file = source.read_file(beside(source.file, path));
    if (!file) return std::unexpected(file.error());
    content += *file;
    content += '\n';
  }
  return content;
}

std::expected<std::string, std::string> argument_file(const OperatorSource& source) {
  const std::string_view path = text::trim(source.argument);
  if (source.read_file == nullptr) return std::unexpected("files cannot be read here");
  if (path.empty()) return std::unexpected("the argument names no file");
  std::string whole = beside(source.file, path);
  if (auto content = source.read_file(whole); !content) return std::unexpected(content.error());
  return whole;
}

}  // namespace sallyport::seclang
