#include "http/encoded_text.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

TEST(EncodedText, HasManySpellings) {
  for (std::string_view same : {"a key", "a+key", "a%20key", "%61+%6B%65%79"}) {
    EXPECT_TRUE(is_written(same, "a key")) << same;
  }
  for (std::string_view other :
       {"", "a", "a ke", "a keys", "A key", "a%2key", "a%20key%", "%61%6"}) {
    EXPECT_FALSE(is_written(other, "a key")) << other;
  }
  EXPECT_TRUE(is_written("100%", "100%")) << "an escape that is none stands for itself";
  EXPECT_TRUE(is_written("%2525", "%25")) << "once, not twice";
}

TEST(EncodedText, IsTakenApartAtAmpersands) {
  std::string all;
  for_each_parameter(
      "a=1&&b&c==&=d", [&](std::string_view name, std::string_view value, std::string_view pair) {
        all.append("[").append(name).append("|").append(value).append("|").append(pair).append("]");
      });
  EXPECT_EQ(all, "[a|1|a=1][||][b||b][c|=|c==][|d|=d]");
}

}  // namespace
}  // namespace sallyport::http
