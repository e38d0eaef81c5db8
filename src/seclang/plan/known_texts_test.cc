#include "seclang/plan/known_texts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::seclang {
namespace {

std::optional<std::vector<unsigned>> places(const KnownTexts& known, std::uint32_t source,
                                            const std::string& text) {
  auto found = known.find(source, text, known.hash(source, text));
  if (!found) return std::nullopt;
  std::vector<unsigned> all;
  for (RuleRef rule : *found) all.push_back(rule.place);
  return all;
}

void put(KnownTexts& known, std::uint32_t source, const std::string& text,
         const std::vector<RuleRef>& rules) {
  known.put(source, text, known.hash(source, text), rules);
}

TEST(KnownTextsTest, remembers_which_rules_a_text_of_a_source_is_for) {
  KnownTexts known(1);
  EXPECT_EQ(places(known, 1, "page"), std::nullopt);
  put(known, 1, "page", {{.phase = 1, .place = 7}, {.phase = 2, .place = 9}});
  put(known, 2, "page", {});
  put(known, 1, "", {{.phase = 1, .place = 3}});
  EXPECT_EQ(places(known, 1, "page"), (std::vector<unsigned>{7, 9}));
  EXPECT_EQ(places(known, 2, "page"), std::vector<unsigned>{});
  EXPECT_EQ(places(known, 1, ""), std::vector<unsigned>{3});
  EXPECT_EQ(places(known, 3, "page"), std::nullopt);
  EXPECT_EQ(places(known, 1, "pagf"), std::nullopt);
}

TEST(KnownTextsTest, never_takes_one_text_for_another_however_many_come) {
  KnownTexts known(2);
  auto text = [](unsigned i) { return std::string(i % 150, 'x') + std::to_string(i); };
  unsigned kept = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    put(known, i % 5, text(i), {{.phase = 2, .place = i}});
    EXPECT_EQ(places(known, i % 5, text(i)), std::vector<unsigned>{i});
  }
  for (unsigned i = 0; i < 20'000; ++i) {
    auto found = places(known, i % 5, text(i));
    if (!found) continue;
    EXPECT_EQ(*found, std::vector<unsigned>{i});
    ++kept;
  }
  EXPECT_GT(kept, 1000U);
  EXPECT_LE(kept, 4096U);
}

}  // namespace
}  // namespace sallyport::seclang
