#include "json/text.h"

#include <gtest/gtest.h>

namespace sallyport::json {
namespace {

TEST(JsonText, WritesWhatWasRead) {
  for (std::string_view text :
       {R"(null)", R"(true)", R"(-9223372036854775808)", R"(1.5)", R"("a\"\\\u000ab")", R"([])",
        R"({})", R"([1,[2,{"a":null}],"x"])", R"({"b":{"c":[false]},"a":"\u0001"})"}) {
    std::expected<Document, std::string> document = Document::parse(text);
    ASSERT_TRUE(document.has_value()) << text;
    EXPECT_EQ(to_text(document->root()), text);
  }
}

TEST(JsonText, GoesWhereTheWriterStands) {
  std::expected<Document, std::string> document = Document::parse(R"({"a": [1]})");
  ASSERT_TRUE(document.has_value());
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("claims");
  write(writer, document->root());
  writer.end_object();
  EXPECT_EQ(text, R"({"claims":{"a":[1]}})");
}

}  // namespace
}  // namespace sallyport::json
