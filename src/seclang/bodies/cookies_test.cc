#include <gtest/gtest.h>

#include "seclang/bodies/body.h"
#include "seclang/bodies/fields_for_test.h"

namespace sallyport::seclang {
namespace {

TEST(Cookies, are_split_as_modsecurity_does) {
  struct Case {
    std::string_view header;
    std::string_view found;
  };
  for (const Case& c : std::vector<Case>{
           {"", ""},
           {"a=1; b=2", "a=1|b=2"},
           {"a", "a="},
           {"a; b ;c", "a=|b =|c="},            // white space only goes before a name
           {"\t\v a= 1 ;b=2 \t", "a= 1 |b=2"},  // and at the end of the header
           {"a=1 ;", "a=1"},                    //
           {"a=b=c", "a=b=c"},                  //
           {"=v;  =w; ;;x=", "x="},             // no name, no cookie
           {"a=\"1;2\"", "a=\"1|2\"="},         // quotes protect nothing
       }) {
    ExactBytes header(c.header);
    std::vector<Field> cookies;
    parse_cookies(header.view(), cookies);
    EXPECT_EQ(written(cookies), c.found) << c.header;
  }
}

TEST(Cookies, know_where_their_values_stand) {
  std::vector<Field> cookies{{.name = "of another header", .value = ""}};
  parse_cookies("a=1; bc=23", cookies);
  ASSERT_EQ(cookies.size(), 3U);
  EXPECT_EQ(cookies[1].offset, 2U);
  EXPECT_EQ(cookies[2].offset, 8U);
}

}  // namespace
}  // namespace sallyport::seclang
