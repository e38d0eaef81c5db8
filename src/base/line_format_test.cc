#include "base/line_format.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"

namespace sallyport {
namespace {

// Both sides live in heap blocks of exactly the promised size, so that a sanitizer sees every byte
// read or written beyond.
std::string json(const std::string& text) {
  auto from = std::make_unique_for_overwrite<char[]>(text.size());
  std::memcpy(from.get(), text.data(), text.size());
  auto out = std::make_unique_for_overwrite<char[]>(json_room(text.size()) + kLineSlack);
  char* end = put_json(out.get(), {from.get(), text.size()});
  return {out.get(), end};
}

std::string plain(const std::string& text) {
  auto from = std::make_unique_for_overwrite<char[]>(text.size());
  std::memcpy(from.get(), text.data(), text.size());
  auto out = std::make_unique_for_overwrite<char[]>(text.size() + kLineSlack);
  char* end = put_text(out.get(), {from.get(), text.size()});
  return {out.get(), end};
}

std::string number(std::uint64_t value) {
  std::array<char, 20 + kLineSlack> out;
  return {out.data(), put_number(out.data(), value)};
}

TEST(LineFormat, CopiesPlainTextOfEveryLength) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(plain(text), text);
    EXPECT_EQ(json(text), text);
    text += static_cast<char>('A' + i % 26);
  }
}

TEST(LineFormat, EscapesWhateverByteAtWhateverPlace) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        std::string expected;
        text::append_json_escaped(expected, text);
        ASSERT_EQ(json(text), expected) << "size " << size << ", byte " << byte << " at " << at;
      }
    }
  }
}

TEST(LineFormat, KeepsUtf8AndEscapesWhatIsNot) {
  EXPECT_EQ(json("na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(json("\xC3"), "\\u00c3");
  EXPECT_EQ(json("\xED\xA0\x80"), "\\u00ed\\u00a0\\u0080");
  EXPECT_EQ(json("\xC2\x9B[31m"), "\\u009b[31m");
  EXPECT_EQ(json("say \"hi\"\\\n"), "say \\\"hi\\\"\\\\\\u000a");
}

TEST(LineFormat, WritesNumbersAsToStringDoes) {
  std::vector<std::uint64_t> values = {0, std::numeric_limits<std::uint64_t>::max()};
  for (std::uint64_t power = 1; power < 10'000'000'000'000'000'000U; power *= 10) {
    values.insert(values.end(), {power - 1, power, power + 1, power * 7 / 3});
  }
  for (std::uint64_t i = 0; i < 100'000; ++i) values.push_back(i * 997);
  for (std::uint64_t value : values) ASSERT_EQ(number(value), std::to_string(value));
}

}  // namespace
}  // namespace sallyport
