#include "seclang/rule_files.h"

#include <algorithm>
#include <filesystem>

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

bool is_setup(const fs::path& file) { return file.filename().string().starts_with("crs-setup"); }

bool readable_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::vector<fs::path> conf_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    const fs::path& file = each->path();
    if (file.extension() == ".conf" && !is_setup(file) && readable_file(file)) {
      files.push_back(file);
    }
  }
  std::ranges::sort(files);
  return files;
}

// The rule set's own settings; an empty path: there are none.
fs::path setup_of(const fs::path& folder) {
  fs::path normal = folder / "";  // so that the parent of "crs/" is not "crs"
  for (const fs::path& place : {folder, normal.parent_path().parent_path()}) {
    for (const char* name : {"crs-setup.conf", "crs-setup.conf.example"}) {
      fs::path file = place / name;
      if (readable_file(file)) return file;
    }
  }
  return {};
}

}  // namespace

std::expected<std::vector<Source>, LoadError> rule_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<Source>{{.path = path, .text = {}}};
  const fs::path folder = path;
  std::vector<Source> sources;
  if (fs::path list = folder / "owasp-crs.load"; readable_file(list)) {
    sources.push_back({.path = list.string(), .text = {}});
    return sources;
  }
  if (fs::path setup = setup_of(folder); !setup.empty()) {
    sources.push_back({.path = setup.string(), .text = {}});
  }
  std::vector<fs::path> files = conf_files(folder / "rules");
  if (files.empty()) files = conf_files(folder);
  if (files.empty()) {
    return std::unexpected(
        LoadError{.file = path,
                  .message = "there are no rules in this folder",
                  .hint = "Name a file, or a folder with *.conf files in it or in its rules/."});
  }
  for (const fs::path& file : files) sources.push_back({.path = file.string(), .text = {}});
  return sources;
}

std::size_t place_of_settings(const std::vector<Source>& sources) {
  std::size_t place = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (is_setup(sources[i].path)) place = i + 1;
  }
  return place;
}

}  // namespace sallyport::seclang
