#include "admin/query.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sallyport::admin {
namespace {

using Pairs = Parameters;

TEST(ParseQuery, TakesParametersInOrder) {
  EXPECT_EQ(parse_query("a=1&b=&c&a=2"), (Pairs{{"a", "1"}, {"b", ""}, {"c", ""}, {"a", "2"}}));
  EXPECT_EQ(parse_query(""), Pairs{});
  EXPECT_EQ(parse_query("&&a=b=c&"), (Pairs{{"a", "b=c"}}));
}

TEST(ParseQuery, DecodesEscapesAndPlus) {
  EXPECT_EQ(parse_query("a+b=%2f%26%3D+x"), (Pairs{{"a b", "/&= x"}}));
}

TEST(ParseQuery, RefusesBrokenEscapes) {
  for (const char* query : {"a=%", "a=%2", "a=%zz", "%g0=1"}) {
    EXPECT_EQ(parse_query(query), std::nullopt) << query;
  }
}

TEST(ParseQuery, UndoesPercentEncoding) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(parse_query("a=" + text::percent_encoded(all)), (Pairs{{"a", all}}));
}

}  // namespace
}  // namespace sallyport::admin
