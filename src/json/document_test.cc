#include "json/document.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sallyport::json {
namespace {

Document read(std::string_view text, const Options& options = {}) {
  std::expected<Document, std::string> document = Document::parse(text, options);
  EXPECT_TRUE(document.has_value()) << text << ": " << document.error();
  return std::move(document.value());
}

std::string refusal(std::string_view text, const Options& options = {}) {
  std::expected<Document, std::string> document = Document::parse(text, options);
  return document.has_value() ? "" : document.error();
}

TEST(JsonDocument, KeepsKindsAndValues) {
  Document document = read(
      R"( {"a": null, "b": true, "c": -7, "d": 1.5, "e": "x\u00e9\"", "f": [1, "2", []], "g": {}} )");
  Value root = document.root();
  ASSERT_TRUE(root.is_object());
  EXPECT_EQ(root.size(), 7U);
  EXPECT_EQ(root.find("a")->kind(), Kind::null);
  EXPECT_EQ(root.find("b")->boolean(), true);
  EXPECT_EQ(root.find("c")->integer(), -7);
  EXPECT_EQ(root.find("c")->number(), -7.0);
  EXPECT_EQ(root.find("d")->number(), 1.5);
  EXPECT_EQ(root.find("d")->integer(), std::nullopt);
  EXPECT_EQ(root.find("e")->string(), "x\xC3\xA9\"");
  EXPECT_EQ(root.find("f")->size(), 3U);
  EXPECT_EQ(root.find("g")->kind(), Kind::object);
  EXPECT_EQ(root.find("g")->size(), 0U);
  EXPECT_EQ(root.find("h"), std::nullopt);
  EXPECT_EQ(root.find("e")->find("x"), std::nullopt);
}

TEST(JsonDocument, GivesNothingForAnotherKind) {
  Document document = read(R"(["1", 1, true, null, [1], {"a": 1}])");
  std::vector<Value> values;
  for (Value item : document.root().items()) values.push_back(item);
  ASSERT_EQ(values.size(), 6U);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i].string().has_value(), i == 0) << i;
    EXPECT_EQ(values[i].integer().has_value(), i == 1) << i;
    EXPECT_EQ(values[i].number().has_value(), i == 1) << i;
    EXPECT_EQ(values[i].boolean().has_value(), i == 2) << i;
    EXPECT_EQ(values[i].items().begin() != values[i].items().end(), i == 4) << i;
    EXPECT_EQ(values[i].members().begin() != values[i].members().end(), i == 5) << i;
    EXPECT_EQ(values[i].size(), i < 4 ? 0U : 1U) << i;
  }
}

TEST(JsonDocument, WalksWhatIsNestedInOrder) {
  Document document = read(R"({"z": [[1, {"q": 2}], 3], "a": {"x": {"y": 4}}, "m": 5})");
  std::string names;
  for (auto [name, value] : document.root().members()) names += name;
  EXPECT_EQ(names, "zam");
  EXPECT_EQ(document.find("m")->integer(), 5);
  EXPECT_EQ(document.find("a")->find("x")->find("y")->integer(), 4);
  std::vector<std::size_t> sizes;
  for (Value item : document.find("z")->items()) sizes.push_back(item.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 0}));
}

TEST(JsonDocument, RefusesNamesThatComeTwiceAnywhere) {
  for (std::string_view text :
       {R"({"a": 1, "a": 1})", R"({"a": 1, "b": 2, "a": 3})", R"([{"x": {"a": 1, "a": 2}}])",
        R"({"a": 1, "\u0061": 2})", R"({"": 1, "": 2})", R"({"b": {"a": 1}, "c": 0, "b": 0})"}) {
    EXPECT_EQ(refusal(text), "It holds an object with a name that comes twice.") << text;
  }
  EXPECT_EQ(refusal(R"({"a": {"a": {"a": 1}}, "b": {"a": 1}})"), "");
  EXPECT_EQ(refusal(R"([{"a": 1}, {"a": 1}])"), "");
}

TEST(JsonDocument, RefusesWhatIsNotJson) {
  for (std::string_view text :
       {"",        " ",      "{",       "[1,]",      "{\"a\":1,}", "{a:1}",
        "[1 2]",   "01",     "+1",      ".5",        "1.",         "1e",
        "tru",     "nul",    "NaN",     "Infinity",  "-",          "\"a",
        "{} {}",   "{}x",    "[1]]",    "'a'",       "{\"a\" 1}",  "[1}",
        "// c\n1", "\"\t\"", "\"\\x\"", "\"\\u12\"", "{1:2}",      "\xEF\xBB\xBF{}"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
  EXPECT_NE(refusal(std::string_view("{}\0", 3)), "");
  EXPECT_NE(refusal(std::string_view("\"a\0b\"", 5)), "");
}

TEST(JsonDocument, RefusesWhatIsNotUtf8) {
  for (std::string_view text :
       {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"",
        R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\udc00\ud800")",
        R"({"\ud800": 1})"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
  EXPECT_EQ(read(R"("\ud83d\ude00")").root().string(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(read(R"("a\u0000b")").root().string(), std::string_view("a\0b", 3));
}

TEST(JsonDocument, BoundsTheDepth) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(refusal(nested(32)), "");
  EXPECT_EQ(refusal(nested(33)), "It is nested too deep.");
  EXPECT_EQ(refusal(nested(3), {.max_depth = 2}), "It is nested too deep.");
  EXPECT_EQ(refusal(R"({"a": {"b": {}}})", {.max_depth = 2}), "It is nested too deep.");
  EXPECT_EQ(refusal(R"({"a": {"b": 1}})", {.max_depth = 2}), "");
  EXPECT_EQ(refusal("1", {.max_depth = 0}), "");
  EXPECT_EQ(refusal(nested(900), {.max_depth = 5000}), "");
  EXPECT_EQ(refusal(nested(5000), {.max_depth = 50000}), "It is nested too deep.");
}

TEST(JsonDocument, HoldsNumbersThatHaveAPlace) {
  EXPECT_EQ(read("9223372036854775807").root().integer(), INT64_MAX);
  EXPECT_EQ(read("-9223372036854775808").root().integer(), INT64_MIN);
  EXPECT_EQ(read("9223372036854775808").root().integer(), std::nullopt);
  EXPECT_EQ(read("9223372036854775808").root().number(), 9223372036854775808.0);
  EXPECT_EQ(read("1e3").root().integer(), std::nullopt);
  EXPECT_EQ(read("1e3").root().number(), 1000.0);
  for (std::string_view text : {"1e400", "-1e999", "123456789012345678901234567890"}) {
    EXPECT_EQ(refusal(text), "It holds a number that is malformed or out of range.") << text;
  }
}

TEST(JsonDocument, OutlivesTheTextAndLaterReading) {
  std::string text = R"({"name": "first", "list": ["one", "two"]})";
  Document first = read(text);
  text.assign(text.size(), 'x');
  Document second = read(R"({"name": "second"})");
  Value kept = *first.find("name");
  Document moved = std::move(first);
  EXPECT_EQ(kept.string(), "first");
  EXPECT_EQ(moved.find("name")->string(), "first");
  EXPECT_EQ(second.find("name")->string(), "second");
}

TEST(JsonDocument, ReadsSecretsAndLargeTextsAlike) {
  std::string large = "[\"" + std::string(3'000'000, 'a') + "\"]";
  EXPECT_EQ(read(large).root().size(), 1U);
  Document secret = read(R"({"k": "secret", "n": [1, 2]})", {.secret = true});
  EXPECT_EQ(secret.find("k")->string(), "secret");
  EXPECT_EQ(secret.find("n")->size(), 2U);
  EXPECT_EQ(read("7").root().integer(), 7);
}

TEST(JsonDocument, IsSharedByThreads) {
  const Document shared = read(R"({"a": [1, 2, 3], "b": "text"})");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      for (int round = 0; round < 200; ++round) {
        Document own = read(R"({"x": ["y", 1]})");
        std::int64_t sum = 0;
        for (Value item : shared.find("a")->items()) sum += *item.integer();
        EXPECT_EQ(sum, 6);
        EXPECT_EQ(own.find("x")->size(), 2U);
      }
    });
  }
}

}  // namespace
}  // namespace sallyport::json
