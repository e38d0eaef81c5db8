#include "base/base64.h"

#include <gtest/gtest.h>

#include <utility>

namespace sallyport {
namespace {

TEST(Base64, GoesBothWays) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "+/+/"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes) << text;
  }
}

TEST(Base64, RefusesEveryOtherTextOfTheSameBytes) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=",
                           "====", "Zg==Zg==", "Z g=", "-_-_", "Zm9v\n", "Zm8=Zm9v"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(Base64, OfLongTextsAndIntoTooLittleRoom) {
  for (const std::size_t size : {190U, 191U, 192U, 193U, 1000U}) {
    const std::string bytes(size, '\xFB');
    const std::string text = base64_encode(bytes);
    EXPECT_EQ(base64_decode(text), bytes);
    std::string small(size - 1, '\0');
    EXPECT_FALSE(base64_decode(text, std::span(small))) << size;
  }
}

}  // namespace
}  // namespace sallyport
