#include "policies/request_limits/json_depth.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace sallyport::policies::request_limits_detail {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// The deepest nesting of a text by the plainest means.
int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

bool within(std::string_view text, std::uint32_t limit, std::size_t piece) {
  JsonDepth depth(limit);
  while (!text.empty()) {
    if (!depth.scan(bytes_of(text.substr(0, piece)))) return false;
    text.remove_prefix(std::min(piece, text.size()));
  }
  return true;
}

std::string value(std::mt19937& random, int room) {
  switch (room == 0 ? random() % 3 : random() % 6) {
    case 0:
      return std::to_string(random() % 100000);
    case 1:
      return "\"plain [text] {}\"";
    case 2:
      return R"("esc \" [ \\ { \\\" ]")";
    default: {
      bool list = random() % 2 == 0;
      std::string text(1, list ? '[' : '{');
      for (unsigned i = random() % 4; i > 0; --i) {
        if (!list) text += R"("key\\": )";
        text += value(random, room - 1);
        if (i > 1) text += ",  ";
      }
      return text + (list ? ']' : '}');
    }
  }
}

TEST(JsonDepth, CountsBracketsOutsideOfStrings) {
  struct Case {
    std::string_view text;
    int depth;
  };
  const Case cases[] = {
      {"", 0},           {"1", 0},          {"[]", 1},           {"[{}]", 2},
      {R"("[[[")", 0},   {R"("\"[[[")", 0}, {R"(["\\", [])", 2}, {R"(["\\\"", "[["])", 1},
      {"[],[],[[]]", 2},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(depth_of(c.text), c.depth) << c.text;
    auto depth = static_cast<std::uint32_t>(c.depth);
    for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
      EXPECT_TRUE(within(c.text, depth, piece)) << c.text;
      if (depth > 0) {
        EXPECT_FALSE(within(c.text, depth - 1, piece)) << c.text;
      }
    }
  }
}

TEST(JsonDepth, AgreesWithTheCountByHandHoweverTheTextIsCut) {
  std::mt19937 random(20240229);  // NOLINT(cert-msc51-cpp): the same texts every time
  int nested = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = value(random, 12);
    auto depth = static_cast<std::uint32_t>(depth_of(text));
    nested += depth > 4 ? 1 : 0;
    for (std::size_t piece : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
                              std::size_t{100}, text.size()}) {
      ASSERT_TRUE(within(text, depth, piece)) << text;
      if (depth > 0) {
        ASSERT_FALSE(within(text, depth - 1, piece)) << text;
      }
    }
  }
  EXPECT_GT(nested, 100);
}

TEST(JsonDepth, FindsABombInOnePieceAndInMany) {
  std::string bomb(100'000, '[');
  EXPECT_FALSE(within(bomb, 64, bomb.size()));
  EXPECT_FALSE(within(bomb, 64, 7));
  EXPECT_TRUE(within(std::string(64, '['), 64, 64));
  EXPECT_FALSE(within(std::string(65, '['), 64, 65));
  EXPECT_TRUE(within("\"" + bomb + "\"", 64, 1000));
}

}  // namespace
}  // namespace sallyport::policies::request_limits_detail
