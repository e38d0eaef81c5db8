#include "seclang/operators/phrases.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

// The end of the first phrase to end, and the longest that ends there; by trying everything.
std::optional<std::pair<std::string, std::size_t>> slowly(const std::vector<std::string>& phrases,
                                                          const std::string& text) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    const std::string* best = nullptr;
    for (const std::string& phrase : phrases) {
      if (phrase.empty() || phrase.size() > end) continue;
      std::string_view there = std::string_view(text).substr(end - phrase.size(), phrase.size());
      if (!text::equals_ignoring_case(there, phrase)) continue;
      if (best == nullptr || phrase.size() > best->size()) best = &phrase;
    }
    if (best != nullptr) return std::pair(*best, end);
  }
  return std::nullopt;
}

TEST(Phrases, NoneFindNothing) {
  EXPECT_FALSE(Phrases({}).find("abc"));
  EXPECT_FALSE(Phrases({""}).find("abc"));
  EXPECT_EQ(Phrases({"", "a", "A"}).size(), 1U);
}

TEST(Phrases, OneThatBeginsInsideAnotherIsFound) {
  Phrases phrases({"secrets.json", ".env"});
  auto hit = phrases.find("/.a0proj/secrets.env");
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->phrase, ".env");
  EXPECT_EQ(hit->end, 20U);
}

TEST(Phrases, OfOnesThatDifferInCaseTheFirstIsReported) {
  Phrases phrases({"AbC", "aBc", "ABCD"});
  EXPECT_EQ(phrases.size(), 2U);
  auto hit = phrases.find("xabcd");
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->phrase, "AbC");
}

TEST(Phrases, AgreeWithTryingEverything) {
  std::mt19937 random(1);
  auto word = [&](std::size_t most, std::string_view alphabet) {
    std::string out;
    for (std::size_t n = random() % (most + 1); n > 0; --n)
      out += alphabet[random() % alphabet.size()];
    return out;
  };
  int found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string_view alphabet = round % 2 == 0 ? "aAb" : "ab\xFF.Z";
    std::vector<std::string> words;
    for (std::size_t n = random() % 8; n > 0; --n) words.push_back(word(6, alphabet));
    std::string text = word(12, alphabet);
    auto expected = slowly(words, text);
    Phrases phrases(words);
    auto hit = phrases.find(text);
    ASSERT_EQ(hit.has_value(), expected.has_value()) << text;
    if (!hit) continue;
    ++found;
    EXPECT_EQ(hit->phrase, expected->first) << text;
    EXPECT_EQ(hit->end, expected->second) << text;
  }
  EXPECT_GT(found, 5'000);
}

TEST(Phrases, TimeIsLinearInTheTextWhateverThePhrases) {
  Phrases phrases({std::string(5'000, 'a') + "b"});
  auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(phrases.find(std::string(1'000'000, 'a')));
  // The square would be minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace sallyport::seclang
