#include <gtest/gtest.h>

#include "seclang/bodies/body.h"
#include "seclang/bodies/fields_for_test.h"

namespace sallyport::seclang {
namespace {

TEST(Form, splits_and_decodes_as_modsecurity_does) {
  struct Case {
    std::string_view text;
    std::string_view found;
    bool invalid;
  };
  for (const Case& c : std::vector<Case>{
           {"", "", false},
           {"a=1&b=2", "a=1|b=2", false},
           {"a=1&", "a=1", false},          // what follows the last separator is nothing
           {"&", "=", false},               // but what stands before one is an argument
           {"a=1&&b", "a=1|=|b=", false},   //
           {"=v", "=v", false},             //
           {"a=b=c", "a=b=c", false},       // only the first equals sign divides
           {"a+b=c+d", "a b=c d", false},   //
           {"%61%3D=%26", "a==&", false},   //
           {"a=%4", "a=%4", true},          // cut off
           {"a=%", "a=%", true},            //
           {"a=%zz%41", "a=%zzA", true},    // and what is no escape stays
           {"a=%%41", "a=%A", true},        //
           {"%u0041=1", "%u0041=1", true},  //
           {"a=%2541", "a=%41", false},     // decoded once
           {"a;b=1", "a;b=1", false},
       }) {
    HeapArena arena;
    ExactBytes text(c.text);
    FormBody form = parse_form(text.view(), '&', kNoLimit, arena);
    EXPECT_EQ(written(form.arguments), c.found) << c.text;
    EXPECT_EQ(form.invalid_encoding, c.invalid) << c.text;
    EXPECT_FALSE(form.too_many) << c.text;
  }
}

TEST(Form, keeps_bytes_that_are_not_text) {
  HeapArena arena;
  FormBody form = parse_form("a=%00x%FF", '&', kNoLimit, arena);
  ASSERT_EQ(form.arguments.size(), 1U);
  EXPECT_EQ(form.arguments[0].value, std::string_view("\0x\xFF", 3));
}

TEST(Form, takes_another_separator) {
  HeapArena arena;
  EXPECT_EQ(written(parse_form("a=1;b=2&c", ';', kNoLimit, arena).arguments), "a=1|b=2&c");
}

TEST(Form, stops_at_the_limit_but_still_reports_broken_escapes) {
  HeapArena arena;
  FormBody form = parse_form("a=1&b=2&c=%z", '&', 2, arena);
  EXPECT_EQ(written(form.arguments), "a=1|b=2");
  EXPECT_TRUE(form.too_many);
  EXPECT_TRUE(form.invalid_encoding);
  EXPECT_FALSE(parse_form("a=1&b=2&", '&', 2, arena).too_many);
  EXPECT_TRUE(parse_form("a=1", '&', 0, arena).too_many);
}

TEST(Form, copies_nothing_that_needs_no_decoding) {
  HeapArena arena;
  std::string_view text = "abc=def&g=%41";
  FormBody form = parse_form(text, '&', kNoLimit, arena);
  EXPECT_EQ(form.arguments[0].name.data(), text.data());
  EXPECT_EQ(form.arguments[0].value.data(), text.data() + 4);
  EXPECT_NE(form.arguments[1].value.data(), text.data() + 10);
  EXPECT_EQ(form.arguments[0].offset, 4U);
  EXPECT_EQ(form.arguments[1].offset, 10U);
}

}  // namespace
}  // namespace sallyport::seclang
