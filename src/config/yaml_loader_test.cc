#include "config/yaml_loader.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::config {
namespace {

using schema::Diagnostics;
using schema::Node;

// The tree as JSON, or what was wrong with the text.
std::string load(std::string_view text) {
  Diagnostics diagnostics;
  std::optional<Node> node = load_yaml(text, "f", diagnostics);
  EXPECT_TRUE(node || diagnostics.has_errors()) << text;
  if (diagnostics.has_errors()) return diagnostics.to_text();
  return to_redacted_json(*node);
}

TEST(YamlLoader, ReadsMapsListsAndScalars) {
  EXPECT_EQ(load("a: 1\nb: [x, \"2\", 'y z']\nc: {d: e}\nf:\n- g\n- h: i\n"),
            R"({"a":1,"b":["x","2","y z"],"c":{"d":"e"},"f":["g",{"h":"i"}]})");
  EXPECT_EQ(load("{\"json\": [true, null, 1.5, \"a\"]}"), R"({"json":[true,null,"1.5","a"]})");
  EXPECT_EQ(load("a: |\n  x\n  y\n"), "{\"a\":\"x\\u000ay\\u000a\"}");
  EXPECT_EQ(load("---\n# comment\na: b # more\n...\n"), R"({"a":"b"})");
  EXPECT_EQ(load("\xef\xbb\xbf"
                 "a: \xc3\xa9\r\nb: c\r\n"),
            "{\"a\":\"\xc3\xa9\",\"b\":\"c\"}");
}

TEST(YamlLoader, KeepsScalarsAsTheyAreWritten) {
  EXPECT_EQ(load("on: yes\n503: 0x1F\nversion: 1.10\ntime: 12:30\n"),
            R"({"on":"yes","503":"0x1F","version":"1.10","time":"12:30"})");
}

TEST(YamlLoader, CountsLinesFromOneAndColumnsInCharacters) {
  Diagnostics diagnostics;
  std::optional<Node> node = load_yaml("a:\n  \"\xc3\xa9\": {b: x}\nc:\n", "f", diagnostics);
  ASSERT_TRUE(node);
  const Node::Entry& entry = node->find("a")->entries[0];
  EXPECT_EQ(entry.key_mark.line, 2U);
  EXPECT_EQ(entry.key_mark.column, 3U);
  EXPECT_EQ(entry.value.find("b")->mark.column, 12U);
  EXPECT_EQ(node->find("a")->mark.line, 2U);
  // Nothing is written there, so the key stands for it.
  EXPECT_EQ(node->find("c")->mark.line, 3U);
  EXPECT_EQ(*entry.key_mark.file, "f");
}

// Without an index of the line this takes minutes and runs into the time limit of the test.
TEST(YamlLoader, FindsColumnsInVeryLongLines) {
  constexpr std::size_t kItems = 200'000;
  std::string text = "[\xc3\xa9";
  for (std::size_t i = 1; i < kItems; ++i) text += ",1";
  Diagnostics diagnostics;
  std::optional<Node> node = load_yaml(text + "]", "f", diagnostics);
  ASSERT_TRUE(node);
  ASSERT_EQ(node->items.size(), kItems);
  EXPECT_EQ(node->items.back().mark.column, 2 * kItems);
}

TEST(YamlLoader, TellsQuotedTextFromPlain) {
  Diagnostics diagnostics;
  std::optional<Node> node =
      load_yaml("- a\n- 'a'\n- \"a\"\n- |\n  a\n- ~\n- \"\"\n", "f", diagnostics);
  ASSERT_TRUE(node);
  ASSERT_EQ(node->items.size(), 6U);
  EXPECT_FALSE(node->items[0].quoted);
  for (std::size_t i : {1U, 2U, 3U, 5U}) EXPECT_TRUE(node->items[i].quoted) << i;
  EXPECT_TRUE(node->items[4].is_null());
}

TEST(YamlLoader, RefusesWhatItDoesNotSupport) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const Case cases[] = {
      {"a: 1\nb: {c: 2, c: 3}\na: 4\n",
       "f:2:11: error: b.c: duplicate key, first used in line 2\n"
       "f:3:1: error: a: duplicate key, first used in line 1\n"},
      {"a: &x 1\nb: *x\n",
       "f:1:4: error: a: anchors are not supported. Leave the & and its name out.\n"
       "f:2:4: error: b: aliases are not supported. Write the value out.\n"},
      {"a: {<<: {b: 1}}\n",
       "f:1:5: error: a[\"<<\"]: merge keys are not supported. Write the keys out.\n"},
      {"a: !!str 5\nb: !x [1]\nc: ! y\n",
       "f:1:4: error: a: tags are not supported. Leave the ! and its name out.\n"
       "f:2:4: error: b: tags are not supported. Leave the ! and its name out.\n"
       "f:3:4: error: c: tags are not supported. Leave the ! and its name out.\n"},
      {"a:\n  ? [b]\n  : c\n", "f:2:5: error: a: a key must be text. Put it in quotes.\n"},
      {"a: {~: b}\n", "f:1:5: error: a: a key must be text\n"},
      {"a: 1\n---\nb: 2\n",
       "f:2:1: error: a second document begins here. Keep one document in each file.\n"},
      {"- a\nb: 1\n",
       "f:2:1: error: this does not belong to what stands above it. Check the indentation.\n"},
      {"", "f: error: the file is empty\n"},
      {"# nothing\n", "f: error: the file is empty\n"},
      {"a: \"\\0\"\n", "f:1:4: error: a: text must not hold a NUL character\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(load(c.text), c.error) << c.text;
}

TEST(YamlLoader, ExplainsSyntaxErrors) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const Case cases[] = {
      {"a:\n\tb: 1\n", "f:2:1: error: a tab cannot indent. Indent with spaces.\n"},
      {"a:\n  b: 1\n  \tc: 1\n", "f:3:3: error: a tab cannot indent. Indent with spaces.\n"},
      {"a: b: c\n",
       "f:1:5: error: a \":\" is out of place here. Put text that holds \": \" in quotes, and "
       "check "
       "the indentation.\n"},
      {"a: 'x' y\n",
       "f:1:8: error: this does not belong to the map above it. Check the indentation and the "
       "quotes.\n"},
      {"a: [1,\n  {b: 2}",
       "f:1:4: error: a list in brackets is not closed. Expected \",\" or \"]\".\n"},
      {"a: {b: ${env:X}}\n",
       "f:1:9: error: a map in braces is not closed. Inside brackets and braces, references need "
       "quotes: \"${env:NAME}\".\n"},
      {"a: @x\n",
       "f:1:4: error: no value can begin with this character. Put the text in quotes.\n"},
      {"a: \"x", "f:1:6: error: the text in quotes is not closed\n"},
      {"a: ]\n", "f:1:4: error: a bracket is closed that was not opened\n"},
      {"a: \"\\q\"\n", "f:1:7: error: this is not YAML: unknown escape character: q\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(load(c.text), c.error) << c.text;
}

TEST(YamlLoader, RefusesBytesThatAreNotText) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  using std::string_view_literals::operator""sv;
  const Case cases[] = {
      {"a: \xc3\xa9\nb: \xff\n", "f:2:4: error: the file is not UTF-8 here\n"},
      {"a: \xc3", "f:1:4: error: the file is not UTF-8 here\n"},
      {"a: \xc0\xaf", "f:1:4: error: the file is not UTF-8 here\n"},
      {"a: \xed\xa0\x80", "f:1:4: error: the file is not UTF-8 here\n"},
      {"a: \xf4\x90\x80\x80", "f:1:4: error: the file is not UTF-8 here\n"},
      {"a: b\0c\n"sv, "f:1:5: error: a control character\n"},
      {"a: \x1b[31m\n", "f:1:4: error: a control character\n"},
      {"a: b\rc: d\n", "f:1:5: error: a carriage return without a line feed\n"},
      {"a\0:\0 \0b\0"sv, "f:1:2: error: a control character\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(load(c.text), c.error) << c.text;
}

TEST(YamlLoader, BoundsDepthAndSize) {
  auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "x" + std::string(depth, ']');
  };
  EXPECT_EQ(load(nested(64)), std::string(64, '[') + "\"x\"" + std::string(64, ']'));
  EXPECT_TRUE(load(nested(65)).contains("nested more than 64 deep"));
  EXPECT_TRUE(load(nested(100'000)).contains("nested more than 64 deep"));
  EXPECT_EQ(load(std::string(kMaxFileBytes + 1, '#')),
            "f: error: the file is longer than 16 MiB\n");
}

TEST(YamlLoader, ReportsFilesItCannotRead) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_yaml_file("/nonexistent/api.yaml", diagnostics));
  EXPECT_EQ(diagnostics.to_text(), "/nonexistent/api.yaml: error: the file cannot be opened\n");
  Diagnostics folder;
  EXPECT_FALSE(load_yaml_file("/", folder));
  EXPECT_TRUE(folder.has_errors());
}

TEST(YamlLoader, ReadsFiles) {
  std::string name = std::filesystem::temp_directory_path() /
                     ("yaml_loader_test." + std::to_string(getpid()) + ".yaml");
  std::ofstream(name) << "a: 1\n";
  Diagnostics diagnostics;
  std::optional<Node> node = load_yaml_file(name, diagnostics);
  std::filesystem::remove(name);
  ASSERT_TRUE(node);
  EXPECT_EQ(*node->mark.file, name);
}

}  // namespace
}  // namespace sallyport::config
