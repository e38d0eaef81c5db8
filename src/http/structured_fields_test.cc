#include "http/structured_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

// The dictionary as it would be written again; "none" when it is refused.
std::string again(std::string_view text) {
  const auto members = parse_dictionary(text);
  if (!members) return "none";
  std::string out;
  for (const DictionaryMember& member : *members) {
    out += (out.empty() ? "" : ", ") + std::string(member.key) + "=";
    if (member.is_list) {
      append_list(out, member);
    } else {
      append_item(out, member.items.front());
    }
  }
  return out;
}

TEST(StructuredFields, AreReadAndWrittenInOneForm) {
  EXPECT_EQ(
      again(R"(sig1=("@method"   "@path" );created=1618884473;keyid="a\"b\\c" , sig2=:AQI=:)"),
      R"(sig1=("@method" "@path");created=1618884473;keyid="a\"b\\c", sig2=:AQI=:)");
  EXPECT_EQ(again(R"(a=("@query-param";name="Pet" "x";bs;sf=?1;no=?0);  b=-12;t=a/b:c*)"),
            R"(a=("@query-param";name="Pet" "x";bs;sf;no=?0);b=-12;t=a/b:c*)");
  EXPECT_EQ(again("a=()"), "a=()");
  EXPECT_EQ(again("a, b;c=1"), "a=?1, b=?1;c=1");
  EXPECT_EQ(again(""), "");
}

TEST(StructuredFields, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  for (const char* text : {"a=1, a=2",
                           "a=1;b=1;b=2",
                           "a=1,",
                           ",a=1",
                           "a=01",
                           "a=-",
                           "a=1.5",
                           "a=1234567890123456",
                           "A=1",
                           "=1",
                           "a=",
                           "a==1",
                           "a=\"x",
                           "a=\"\\x\"",
                           "a=\"\\",
                           "a=\"\x7f\"",
                           "a=\"\n\"",
                           "a=:AQ:",
                           "a=:AQI:",
                           "a=:AR==:",
                           "a=:A-_=:",
                           "a=:AQI=",
                           "a=:=:",
                           "a=?2",
                           "a=?",
                           "a=(",
                           "a=(1",
                           "a=(1 2",
                           "a=(\"x\"\"y\")",
                           "a=(1\t2)",
                           "a=1 b=2",
                           "a=1;",
                           "a=(1) ;b",
                           "\ta=1",
                           "a=@x",
                           "a=(1)x"}) {
    EXPECT_EQ(again(text), "none") << text;
  }
}

TEST(StructuredFields, IsBounded) {
  auto repeated = [](std::string_view one, int times, const char* between) {
    std::string all;
    for (int i = 0; i < times; ++i) {
      all += (i == 0 ? "" : between) + std::string(one) + std::to_string(i);
    }
    return all;
  };
  EXPECT_TRUE(parse_dictionary(repeated("a", 16, ",")));
  EXPECT_FALSE(parse_dictionary(repeated("a", 17, ",")));
  EXPECT_TRUE(parse_dictionary("a=(" + repeated("a", 64, " ") + ")"));
  EXPECT_FALSE(parse_dictionary("a=(" + repeated("a", 65, " ") + ")"));
  EXPECT_TRUE(parse_dictionary("a;" + repeated("a", 16, ";")));
  EXPECT_FALSE(parse_dictionary("a;" + repeated("a", 17, ";")));
}

TEST(StructuredFields, StringsAndBytesAreDecoded) {
  const auto members = parse_dictionary(R"(a="x\"\\y", b=:+/8=:, c=1)");
  ASSERT_TRUE(members);
  EXPECT_EQ((*members)[0].items[0].value.string(), "x\"\\y");
  EXPECT_EQ((*members)[1].items[0].value.bytes(), "\xfb\xff");
  EXPECT_EQ((*members)[2].items[0].value.integer, 1);
  EXPECT_FALSE((*members)[2].items[0].value.string());
  EXPECT_FALSE((*members)[0].items[0].value.bytes());
}

}  // namespace
}  // namespace sallyport::http
