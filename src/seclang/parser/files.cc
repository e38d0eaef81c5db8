// The disk, and where relative names lead.
#include "seclang/parser/files.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace sallyport::seclang {
namespace {

std::expected<std::string, std::string> read_from_disk(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return std::unexpected(path + ": " + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) return std::unexpected(path + ": it is a folder");
  std::ifstream in(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return std::unexpected(path + ": it cannot be read");
  return content;
}

std::vector<std::string> expand_on_disk(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> names;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return names;
}

std::string in_folder_of(const std::string& file, const std::string& name) {
  std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? name : file.substr(0, slash + 1) + name;
}

}  // namespace

FileAccess disk() { return {.read = read_from_disk, .expand = expand_on_disk}; }

std::expected<std::string, std::string> Files::read(const std::string& path) {
  auto content = access_.read(path);
  if (content && std::ranges::find(names_, path) == names_.end()) names_.push_back(path);
  return content;
}

std::vector<std::string> Files::find(const std::string& from, const std::string& name) const {
  if (name.starts_with('/')) return access_.expand(name);
  std::vector<std::string> found = access_.expand(in_folder_of(from, name));
  if (found.empty()) found = access_.expand(in_folder_of(outermost_, name));
  return found;
}

}  // namespace sallyport::seclang
