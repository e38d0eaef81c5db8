#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sallyport {
namespace {

TEST(JsonWriter, PutsCommasBetweenElementsOnly) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().string("a", "x").key("b").begin_array().number(1).number(-2).null();
  json.end_array().boolean("c", true).key("d").begin_object().end_object().end_object();
  EXPECT_EQ(out, R"({"a":"x","b":[1,-2,null],"c":true,"d":{}})");
}

TEST(JsonWriter, EscapesKeysAndStrings) {
  std::string out;
  JsonWriter(out).begin_object().string("a\"b", "c\\d\n\xff").end_object();
  EXPECT_EQ(out, "{\"a\\\"b\":\"c\\\\d\\u000a\\u00ff\"}");
}

TEST(JsonWriter, IndentsWhenAsked) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object().number("a", 1).key("b").begin_array().string("x").end_array();
  json.key("c").begin_array().end_array().end_object();
  EXPECT_EQ(out, "{\n  \"a\": 1,\n  \"b\": [\n    \"x\"\n  ],\n  \"c\": []\n}");
}

TEST(JsonWriter, WritesNumbersExactly) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.number(std::numeric_limits<std::uint64_t>::max());
  json.number(std::numeric_limits<std::int64_t>::min());
  json.number(0.5).number(1e300).number(std::numeric_limits<double>::infinity());
  json.end_array();
  EXPECT_EQ(out, "[18446744073709551615,-9223372036854775808,0.5,1e+300,null]");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).raw("{\"ready\":1}");
  EXPECT_EQ(out, "data: {\"ready\":1}");
}

}  // namespace
}  // namespace sallyport
