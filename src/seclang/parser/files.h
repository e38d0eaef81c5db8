// The files that rules are read from: found beside the file that names them, read once asked for,
// remembered by name.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::seclang {

// How files are reached, so that a fuzzer or a test needs no disk.
struct FileAccess {
  // The error is a sentence that names the file.
  std::function<std::expected<std::string, std::string>(const std::string& path)> read;
  // The files that match a pattern with * or ?, sorted; for a plain name itself, if there is one.
  std::function<std::vector<std::string>(const std::string& pattern)> expand;
};

[[nodiscard]] FileAccess disk();

class Files {
 public:
  // `names` collects those of all files that were read, once each.
  Files(FileAccess access, std::vector<std::string>& names)
      : access_(std::move(access)), names_(names) {}

  [[nodiscard]] std::expected<std::string, std::string> read(const std::string& path);

  // The files that `name` is or matches; empty: none. A relative name is looked for in the folder
  // of the file `from`, where it stands, then in the folder of the outermost file, so that a tree
  // of files may name all of them from its top.
  [[nodiscard]] std::vector<std::string> find(const std::string& from,
                                              const std::string& name) const;

  void set_outermost(std::string path) { outermost_ = std::move(path); }

 private:
  FileAccess access_;
  std::vector<std::string>& names_;
  std::string outermost_;
};

}  // namespace sallyport::seclang
