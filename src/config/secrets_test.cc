#include "config/secrets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_loader.h"

namespace sallyport::config {
namespace {

using schema::Diagnostics;
using schema::Node;

std::optional<std::string> look_up(std::string_view name) {
  if (name == "TOKEN") return "hush";
  if (name == "EMPTY") return "";
  if (name == "HUGE") return std::string(kMaxSecretBytes + 1, 'x');
  return std::nullopt;
}

// A folder of its own for each test, with a configuration file in it.
class Secrets : public ::testing::Test {
 public:
  Secrets()
      : folder_(std::filesystem::temp_directory_path() /
                ("secrets_test." + std::to_string(getpid()) + "." +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_ / "keys");
  }
  ~Secrets() override { std::filesystem::remove_all(folder_); }

 protected:
  void write(const std::string& name, std::string_view content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  Node resolve(std::string_view yaml) {
    std::optional<Node> root = load_yaml(yaml, (folder_ / "api.yaml").string(), diagnostics_);
    EXPECT_TRUE(root) << diagnostics_.to_text();
    files_ = resolve_secrets(*root, look_up, diagnostics_);
    return std::move(*root);
  }

  // What was wrong, without the folder.
  std::string errors() const {
    std::string text = diagnostics_.to_text();
    std::string prefix = folder_.string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  std::filesystem::path folder_;
  Diagnostics diagnostics_;
  std::vector<std::string> files_;
};

TEST_F(Secrets, ComeFromTheEnvironmentAndFromFiles) {
  write("keys/api.key", "first\nsecond\r\n");
  Node root = resolve("a: ${env:TOKEN}\nb: Bearer ${env:TOKEN}!\nc: [\"${file:keys/api.key}\"]\n");
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(root.find("a")->text, "hush");
  EXPECT_EQ(root.find("b")->text, "Bearer hush!");
  EXPECT_EQ(root.find("c")->items[0].text, "first\nsecond");
  EXPECT_EQ(files_, std::vector<std::string>{(folder_ / "keys/api.key").string()});
}

TEST_F(Secrets, ArePrintedAsWhatTheFileSays) {
  Node root = resolve("a: ${env:TOKEN}\nb: Bearer ${env:TOKEN}\nc: plain\n");
  EXPECT_EQ(to_redacted_json(root),
            R"({"a":"${env:TOKEN}","b":"Bearer ${env:TOKEN}","c":"plain"})");
}

TEST_F(Secrets, LoseOneTrailingNewlineOnly) {
  write("one", "x\n");
  write("two", "x\n\n");
  write("none", "x");
  Node root = resolve("one: ${file:one}\ntwo: ${file:two}\nnone: ${file:none}\n");
  EXPECT_EQ(root.find("one")->text, "x");
  EXPECT_EQ(root.find("two")->text, "x\n");
  EXPECT_EQ(root.find("none")->text, "x");
}

TEST_F(Secrets, CanBeWrittenAroundWithTwoDollars) {
  Node root = resolve("a: $${env:TOKEN}\nb: $$${x}\nc: $.x\n");
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(root.find("a")->text, "${env:TOKEN}");
  EXPECT_FALSE(root.find("a")->is_reference());
  EXPECT_EQ(root.find("b")->text, "$${x}");
  EXPECT_EQ(root.find("c")->text, "$.x");
}

TEST_F(Secrets, ThatCannotBeResolvedAreNamedWithTheirPlace) {
  write("big", std::string(kMaxSecretBytes + 1, 'x'));
  Node root = resolve(
      "a: ${env:MISSING}\n"
      "b: {c: [\"x${file:no.key}\"]}\n"
      "d: ${vault:x}\n"
      "e: ${env:TOKEN\n"
      "f: ${env:a b}\n"
      "g: ${file:keys}\n"
      "h: ${file:big}\n"
      "i: ${env:HUGE}\n"
      "j: ${file:}\n");
  EXPECT_EQ(errors(),
            "api.yaml:1:4: error: a: the environment variable MISSING is not set\n"
            "api.yaml:2:9: error: b.c[0]: the file no.key does not exist\n"
            "api.yaml:3:4: error: d: \"${vault:x}\" is no reference. Write \"${env:NAME}\", "
            "\"${file:path}\", or \"$${\" for a plain \"${\".\n"
            "api.yaml:4:4: error: e: a reference is not closed. Write \"$${\" for a plain "
            "\"${\".\n"
            "api.yaml:5:4: error: f: \"a b\" is no name of an environment variable\n"
            "api.yaml:6:4: error: g: the file keys is not a regular file\n"
            "api.yaml:7:4: error: h: the file big is longer than 64 KiB\n"
            "api.yaml:8:4: error: i: the environment variable HUGE is longer than 64 KiB\n"
            "api.yaml:9:4: error: j: the name of the file is missing\n");
  EXPECT_TRUE(root.find("a")->broken);
  EXPECT_EQ(root.find("a")->text, "");
  EXPECT_EQ(files_.size(), 3U);
}

TEST_F(Secrets, MayBeEmpty) {
  Node root = resolve("a: ${env:EMPTY}\n");
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(root.find("a")->text, "");
  EXPECT_TRUE(root.find("a")->is_reference());
}

}  // namespace
}  // namespace sallyport::config
