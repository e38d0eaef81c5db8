// What whole files get: every example loads, and every file of tests/golden/config gets exactly the
// diagnostics beside it. UPDATE_GOLDEN=1 writes them instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/redact.h"

namespace sallyport::config {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = SALLYPORT_SOURCE_DIR;

std::vector<std::string> files_of(const fs::path& folder, std::string_view extension) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path().stem().string());
  }
  std::ranges::sort(files);
  return files;
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::optional<std::string> look_up(std::string_view name) {
  if (name == "PORT") return "8080";
  if (name == "TOKEN") return "hush";
  return std::nullopt;
}

// Without the folder, which differs from machine to machine.
std::string without(std::string text, const std::string& folder) {
  for (std::size_t at = text.find(folder); at != text.npos; at = text.find(folder, at)) {
    text.erase(at, folder.size());
  }
  return text;
}

class GoldenConfig : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenConfig, GetsItsDiagnostics) {
  fs::path folder = kSource / "tests/golden/config";
  LoadOptions options;
  options.offline = true;
  options.environment = look_up;
  LoadResult result = load((folder / (GetParam() + ".yaml")).string(), options);
  EXPECT_EQ(result.snapshot == nullptr, result.diagnostics.has_errors());

  std::string text = without(result.diagnostics.to_text(), folder.string() + "/");
  fs::path expected = folder / (GetParam() + ".expected");
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << text;
  ASSERT_TRUE(fs::exists(expected)) << expected;
  EXPECT_EQ(text, read(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfig,
                         ::testing::ValuesIn(files_of(kSource / "tests/golden/config", ".yaml")),
                         [](const auto& info) { return info.param; });

TEST(GoldenFolder, HasAsManyExpectationsAsFilesAndNotFewerThanThereWere) {
  std::vector<std::string> files = files_of(kSource / "tests/golden/config", ".yaml");
  EXPECT_EQ(files, files_of(kSource / "tests/golden/config", ".expected"));
  EXPECT_GE(files.size(), 20U);
}

class Example : public ::testing::TestWithParam<std::string> {};

// Their certificates are not part of the source.
TEST_P(Example, Loads) {
  LoadOptions options;
  options.offline = true;
  options.open_files = false;
  LoadResult result = load((kSource / "examples" / (GetParam() + ".yaml")).string(), options);
  EXPECT_FALSE(result.diagnostics.has_errors()) << result.diagnostics.to_text();
  ASSERT_NE(result.snapshot, nullptr);
  EXPECT_FALSE(result.snapshot->routes.empty());
  EXPECT_FALSE(result.snapshot->listeners.empty());

  // What is printed of it is a configuration that means the same.
  LoadResult again = load_text(result.snapshot->redacted,
                               (kSource / "examples" / "printed.json").string(), options);
  ASSERT_NE(again.snapshot, nullptr) << again.diagnostics.to_text() << result.snapshot->redacted;
  EXPECT_EQ(again.snapshot->redacted, result.snapshot->redacted);
  // Nor does that take what references stand for.
  EXPECT_EQ(redacted_json(result.text), result.snapshot->redacted);
}

INSTANTIATE_TEST_SUITE_P(Files, Example,
                         ::testing::ValuesIn(files_of(kSource / "examples", ".yaml")),
                         [](const auto& info) { return info.param; });

TEST(ExamplesFolder, HoldsWhatTheDocumentationNames) {
  std::vector<std::string> files = files_of(kSource / "examples", ".yaml");
  for (std::string_view name : {"demo", "full", "minimal", "routes", "tls"}) {
    EXPECT_NE(std::ranges::find(files, name), files.end()) << name;
  }
}

}  // namespace
}  // namespace sallyport::config
