#include "schema/diagnostics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "schema/context.h"

namespace sallyport::schema {
namespace {

Where at(std::uint32_t line, std::uint32_t column, std::string path) {
  static const auto kFile = std::make_shared<const std::string>("api.yaml");
  return {.mark = {.file = kFile, .line = line, .column = column}, .path = std::move(path)};
}

TEST(Diagnostics, ReadAsOneLineEach) {
  Diagnostics diagnostics;
  diagnostics.error(at(4, 5, "apis.orders.upsteam"), "unknown key", "Did you mean \"upstream\"?",
                    code::kUnknownKey);
  EXPECT_EQ(diagnostics.to_text(),
            "api.yaml:4:5: error: apis.orders.upsteam: unknown key. Did you mean \"upstream\"?\n");
}

TEST(Diagnostics, AreSortedByPlace) {
  Diagnostics diagnostics;
  diagnostics.error(at(9, 1, "c"), "third");
  diagnostics.warning(at(2, 7, "b"), "second");
  diagnostics.error(at(2, 3, "a"), "first");
  EXPECT_EQ(diagnostics.to_text(),
            "api.yaml:2:3: error: a: first\n"
            "api.yaml:2:7: warning: b: second\n"
            "api.yaml:9:1: error: c: third\n");
  EXPECT_EQ(diagnostics.errors(), 2U);
  EXPECT_EQ(diagnostics.warnings(), 1U);
}

TEST(Diagnostics, KeepWarningsApartFromErrors) {
  Diagnostics diagnostics;
  diagnostics.warning(at(1, 1, ""), "careful");
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_FALSE(diagnostics.empty());
}

TEST(Diagnostics, LeaveOutThePlaceOfAWholeFile) {
  Diagnostics diagnostics;
  diagnostics.error(at(0, 0, ""), "the file is empty");
  EXPECT_EQ(diagnostics.to_text(), "api.yaml: error: the file is empty\n");
}

TEST(Diagnostics, NeverSendControlCharactersToATerminal) {
  Diagnostics diagnostics;
  diagnostics.error(at(1, 1, "a"), "\"\x1b[31m\nb\" is odd");
  EXPECT_EQ(diagnostics.to_text(), "api.yaml:1:1: error: a: \"\\x1b[31m\\nb\" is odd\n");
}

TEST(Diagnostics, AreBounded) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < Diagnostics::kMost + 5; ++i) diagnostics.error(at(1, 1, ""), "x");
  EXPECT_EQ(diagnostics.errors(), Diagnostics::kMost + 5);
  EXPECT_EQ(diagnostics.sorted().size(), Diagnostics::kMost);
  EXPECT_TRUE(diagnostics.to_text().ends_with("and 5 more\n"));
}

TEST(Path, QuotesKeysThatAreNoPlainWords) {
  std::string path;
  append_key(path, "apis");
  append_key(path, "my-api_2");
  append_key(path, "a.b\"c");
  EXPECT_EQ(path, "apis.my-api_2[\"a.b\\\"c\"]");
}

TEST(Path, FollowsTheContext) {
  Diagnostics diagnostics;
  Context context(diagnostics, "apis");
  {
    auto key = context.key("orders");
    auto item = context.item(3);
    EXPECT_EQ(context.path(), "apis.orders[3]");
  }
  EXPECT_EQ(context.path(), "apis");
}

TEST(Quoting, NeverShowsThePasswordOfAUrl) {
  for (std::string_view text :
       {"http://user:hush@a:80/x", "ftp://hush@a:80/x", "//u:hush@a:80/x", "u:hush@a:80/x",
        "http:/u:hush@a:80/x", "http://u:hu/sh@hush@a:80/x"}) {
    std::string shown = quoted(Node::scalar(std::string(text)));
    EXPECT_EQ(shown.find("hu"), std::string::npos) << shown;
    EXPECT_TRUE(shown.ends_with("***@a:80/x\"")) << shown;
  }
  for (std::string_view text : {"", "@", "me@example.com", "/a:b@c", "http://a:80/x", "12:30"}) {
    EXPECT_EQ(quoted(Node::scalar(std::string(text))), '"' + std::string(text) + '"');
  }
}

TEST(Quoting, ClipsLongTextBetweenCharacters) {
  Node node = Node::scalar(std::string(59, 'x') + "\xc3\xa9\xc3\xa9");
  EXPECT_EQ(quoted(node), '"' + std::string(59, 'x') + "...\"");
}

}  // namespace
}  // namespace sallyport::schema
