#include <gtest/gtest.h>

#include "seclang/bodies/body.h"
#include "seclang/bodies/fields_for_test.h"

namespace sallyport::seclang {
namespace {

TEST(JsonArguments, are_named_after_their_path) {
  struct Case {
    std::string_view text;
    std::string_view found;
  };
  for (const Case& c : std::vector<Case>{
           {"", ""},
           {"\"x\"", "json=x"},
           {" -1.50e+07 ", "json=-1.50e+07"},
           {"{}", ""},
           {R"({"a":{"b":[1,"2",{"c":null}],"d":true},"e":false})",
            "json.a.b.array_0=1|json.a.b.array_1=2|json.a.b.array_2.c=|json.a.d=true|json.e=false"},
           {"[1,[2,[],{}],3]", "json.array_0=1|json.array_1.array_0=2|json.array_2=3"},
           {R"({"a":1,"a":2})", "json.a=1|json.a=2"},
           {R"({"":1,"a":{"":{"":2}}})", "json.empty-key=1|json.a.empty-key.empty-key=2"},
           {R"({"a.b":1,"\u0061\n":2})", "json.a.b=1|json.a\n=2"},
           {"\v\f[\t1\r\n]", "json.array_0=1"},
       }) {
    HeapArena arena;
    ExactBytes text(c.text);
    JsonBody body = parse_json(text.view(), 100, kNoLimit, arena);
    EXPECT_EQ(written(body.arguments), c.found) << c.text;
    EXPECT_FALSE(body.error.failed) << c.text << ": " << body.error.message;
  }
}

TEST(JsonArguments, unescape_as_yajl_does) {
  struct Case {
    std::string_view text;
    std::string_view value;
  };
  using namespace std::literals;
  for (const Case& c : std::vector<Case>{
           {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
           {R"("\u0041\u00e9\u20AC\uD83D\uDE00")", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
           {R"("a\u0000b")", "a\0b"sv},
           {R"("\ud800abc")", "?abc"},                 // a high surrogate alone
           {R"("\ud800\n")", "?\n"},                   //
           {R"("\ud800")", "?"},                       //
           {R"("\ud800\u0041")", "\xF0\x90\x81\x81"},  // takes any escape as its low one
           {R"("\udc00")", "\xED\xB0\x80"},
           {"\"\x7F\xC0\x80\"", "\x7F\xC0\x80"},
       }) {
    HeapArena arena;
    ExactBytes text(c.text);
    JsonBody body = parse_json(text.view(), 100, kNoLimit, arena);
    ASSERT_EQ(body.arguments.size(), 1U) << c.text;
    EXPECT_EQ(body.arguments[0].value, c.value) << c.text;
  }
}

TEST(JsonErrors, are_worded_as_yajl_words_them_and_keep_what_came_before) {
  struct Case {
    std::string_view text;
    std::string_view message;
    std::string_view found;
  };
  for (const Case& c : std::vector<Case>{
           {" ", "parse error: premature EOF", ""},
           {R"({"a":1)", "parse error: premature EOF", "json.a=1"},
           {R"(["a)", "parse error: premature EOF", ""},
           {"1 2", "parse error: trailing garbage", "json=1"},
           {"[1] x", "parse error: trailing garbage", "json.array_0=1"},
           {"[1,]", "parse error: unallowed token at this point in JSON text", "json.array_0=1"},
           {"]", "parse error: unallowed token at this point in JSON text", ""},
           {"[1 2]", "parse error: after array element, I expect ',' or ']'", "json.array_0=1"},
           {R"({"a":1,})", "parse error: invalid object key (must be a string)", "json.a=1"},
           {"{1:2}", "parse error: invalid object key (must be a string)", ""},
           {R"({"a" 1})", "parse error: object key and value must be separated by a colon (':')",
            ""},
           {R"({"a":1 "b"})", "parse error: after key and value, inside map, I expect ',' or '}'",
            "json.a=1"},
           {"tru", "lexical error: invalid string in json text.", ""},
           {"[nulL]", "lexical error: invalid string in json text.", ""},
           {"\xEF\xBB\xBF[]", "lexical error: invalid char in json text.", ""},
           {"[1,'a']", "lexical error: invalid char in json text.", "json.array_0=1"},
           {"[1] /* c */", "parse error: trailing garbage", "json.array_0=1"},
           {"/**/1",
            "lexical error: probable comment found in input text, comments are not enabled.", ""},
           {"[\"\x01\"]", "lexical error: invalid character inside string.", ""},
           {"[\"\xC3(\"]", "lexical error: invalid bytes in UTF8 string.", ""},
           {"[\"\x80\"]", "lexical error: invalid bytes in UTF8 string.", ""},
           {"\"\xC3", "lexical error: invalid bytes in UTF8 string.", ""},
           {R"("\x")",
            "lexical error: inside a string, '\\' occurs before a character which it may not.", ""},
           {R"("\u12G4")",
            "lexical error: invalid (non-hex) character occurs after '\\u' inside string.", ""},
           {"-", "lexical error: malformed number, a digit is required after the minus sign.", ""},
           {"1.", "lexical error: malformed number, a digit is required after the decimal point.",
            ""},
           {"1e+", "lexical error: malformed number, a digit is required after the exponent.", ""},
           {"01", "parse error: trailing garbage", "json=0"},
       }) {
    HeapArena arena;
    ExactBytes text(c.text);
    JsonBody body = parse_json(text.view(), 100, kNoLimit, arena);
    EXPECT_TRUE(body.error.failed) << c.text;
    EXPECT_EQ(body.error.message, std::string(c.message) + "\n") << c.text;
    EXPECT_EQ(written(body.arguments), c.found) << c.text;
  }
}

TEST(JsonErrors, none_for_a_string_cut_off_behind_the_document) {
  // yajl waits for the rest of a token that never comes.
  HeapArena arena;
  EXPECT_FALSE(parse_json("1 \"abc", 100, kNoLimit, arena).error.failed);
}

TEST(JsonLimits, bound_depth) {
  HeapArena arena;
  EXPECT_FALSE(parse_json("[[1]]", 2, kNoLimit, arena).error.failed);
  JsonBody body = parse_json("[1,{\"a\":[2]}]", 2, kNoLimit, arena);
  EXPECT_EQ(written(body.arguments), "json.array_0=1");
  EXPECT_EQ(body.error.message,
            "parse error: client cancelled parse via callback return value\n"
            ". Parsing depth limit exceeded");
  EXPECT_FALSE(body.too_many);
}

TEST(JsonLimits, bound_the_number_of_arguments) {
  HeapArena arena;
  JsonBody body = parse_json("[1,2,3]", 2, 2, arena);
  EXPECT_EQ(written(body.arguments), "json.array_0=1|json.array_1=2");
  EXPECT_TRUE(body.too_many);
  EXPECT_TRUE(body.error.failed);
  EXPECT_FALSE(parse_json("[1,2]", 2, 2, arena).too_many);
}

TEST(JsonLimits, bound_what_long_keys_over_many_values_cost) {
  std::string text = "{\"" + std::string(100'000, 'k') + "\":[0";
  for (int i = 0; i < 50'000; ++i) text += ",0";
  text += "]}";
  HeapArena arena;
  JsonBody body = parse_json(text, 10, kNoLimit, arena);
  EXPECT_TRUE(body.error.failed);
  EXPECT_LT(body.arguments.size(), 40U);
}

TEST(JsonLimits, let_many_values_stand_deep_within_a_document) {
  constexpr int kDepth = 12;
  constexpr int kValues = 1000;
  std::string text;
  for (int i = 0; i < kDepth; ++i) text += R"({"attributes":)";
  text += "[{\"id\":0}";
  for (int i = 1; i < kValues; ++i) text += ",{\"id\":" + std::to_string(i) + "}";
  text += "]" + std::string(kDepth, '}');
  HeapArena arena;
  JsonBody body = parse_json(text, 100, kNoLimit, arena);
  EXPECT_FALSE(body.error.failed) << body.error.message;
  EXPECT_EQ(body.arguments.size(), kValues);
}

TEST(JsonLimits, let_depth_grow_without_recursion) {
  std::string text = std::string(1'000'000, '[');
  HeapArena arena;
  JsonBody body = parse_json(text, kNoLimit, kNoLimit, arena);
  EXPECT_EQ(body.error.message, "parse error: premature EOF\n");
}

TEST(JsonArguments, are_views_where_nothing_is_escaped) {
  std::string_view text = R"({"a":"plain","b":12})";
  HeapArena arena;
  JsonBody body = parse_json(text, 10, kNoLimit, arena);
  EXPECT_EQ(body.arguments[0].value.data(), text.data() + 6);
  EXPECT_EQ(body.arguments[1].value.data(), text.data() + 17);
}

}  // namespace
}  // namespace sallyport::seclang
