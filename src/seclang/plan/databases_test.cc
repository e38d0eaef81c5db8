#include "seclang/plan/databases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "seclang/plan/pattern_tree.h"
#include "seclang/plan/test_patterns.h"
#include "seclang/regex.h"

namespace sallyport::seclang {
namespace {

const std::atomic<bool> kGoOn{false};

// A database with a scratch of its own.
class Scanned {
 public:
  explicit Scanned(const std::vector<std::string>& patterns) {
    std::vector<Wish> wishes;
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
      auto tree = PatternTree::parse(patterns[i]);
      wishes.push_back({.text = tree->text(),
                        .size = tree->nodes(),
                        .rule = {.phase = 2, .place = i & 0x0FFF'FFFFU}});
    }
    database_ = Database::make(wishes, Cache(""), kGoOn);
    scratch_.grow(database_);
  }

  std::vector<unsigned> places(std::string_view text) {
    std::vector<RuleRef> found;
    EXPECT_TRUE(database_.scan(text, scratch_, found));
    std::vector<unsigned> all;
    for (RuleRef rule : found) all.push_back(rule.place);
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    return all;
  }

 private:
  Database database_;
  Scratch scratch_;
};

// Where in memory a text begins decides how the scanner's wide registers meet it.
TEST(DatabaseTest, finds_what_each_pattern_finds_wherever_the_text_begins_in_memory) {
  const std::vector<std::string> patterns = {
      R"((?:\((?:.+\)\(.+|[^\)]*ab[^\)]*\)[\sa-b]+\([^\)]*)|(?:\[[0-9]+\]|\{[01]+\}|"[a-b]+")\(.+)\))",
      R"('(?:[\s\(\)\+01a-b]{2,29}|(?:[01a-b]{4})+(?:[01a-b]{2}=)?)')",
      R"((?i)\bon[a-z]{3,25}\s*=)",
      R"(<[^>]*\bsrc\b.*/>)",
      R"(\{[^}]*\}.*\[[^\]]*\])",
  };
  std::vector<Regex> alone;
  for (const std::string& pattern : patterns) alone.push_back(*Regex::compile(pattern, {}));
  Scanned scanned(patterns);
  std::mt19937 random(5);
  const std::string letters = "ab(){}[]'\"$;=+/ 01.src<>on";
  std::vector<std::string> texts = {R"text(<b on="{a{0:b}='0'}[a][0][b](a+b)(/a/.b)"/>)text"};
  for (int i = 0; i < 400; ++i) {
    std::string text;
    for (std::size_t size = random() % 120; text.size() < size;) {
      text += letters[random() % letters.size()];
    }
    texts.push_back(text);
  }
  for (const std::string& text : texts) {
    std::vector<unsigned> expected;
    for (unsigned i = 0; i < alone.size(); ++i) {
      if (alone[i].search(text, nullptr) == Regex::Outcome::matched) expected.push_back(i);
    }
    alignas(64) std::array<char, 256> memory{};
    for (std::size_t offset = 0; offset < 64; ++offset) {
      std::memcpy(memory.data() + offset, text.data(), text.size());
      EXPECT_EQ(scanned.places({memory.data() + offset, text.size()}), expected)
          << text << " at " << offset;
    }
  }
}

TEST(DatabaseTest, holds_large_patterns_beside_small_ones) {
  std::string large = "(?:";
  for (int i = 0; i < 300; ++i) large += (i > 0 ? "|word" : "word") + std::to_string(i);
  large += ")!";
  ASSERT_GT(PatternTree::parse(large)->nodes(), 700U);
  Scanned scanned({"small", large});
  EXPECT_EQ(scanned.places("a small thing"), std::vector<unsigned>{0});
  EXPECT_EQ(scanned.places("word17! and small"), (std::vector<unsigned>{0, 1}));
  EXPECT_EQ(scanned.places("word17"), std::vector<unsigned>{});
}

}  // namespace
}  // namespace sallyport::seclang
