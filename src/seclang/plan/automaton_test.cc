#include "seclang/plan/automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "seclang/plan/test_patterns.h"
#include "seclang/regex.h"

namespace sallyport::seclang {
namespace {

// The numbers of the patterns found, in order; nullopt: given up.
std::optional<std::vector<std::uint32_t>> scan(const Automaton& automaton,
                                               Automaton::States& states, std::string_view text) {
  std::vector<std::uint32_t> found;
  if (!automaton.scan(text, states, found)) return std::nullopt;
  std::ranges::sort(found);
  return found;
}

TEST(AutomatonTest, finds_which_of_several_patterns_stand_in_a_text) {
  Automaton automaton;
  for (std::string_view pattern : {"cat", "\\bdog\\b", "^a.*z$", "(?i)x{2,3}y", "b|\\Ac"}) {
    ASSERT_TRUE(automaton.add(*PatternTree::parse(pattern)));
  }
  Automaton::States states(automaton);
  using Found = std::vector<std::uint32_t>;
  EXPECT_EQ(scan(automaton, states, "a cat and a dog"), (Found{0, 1}));
  EXPECT_EQ(scan(automaton, states, "hotdogs"), Found{});
  EXPECT_EQ(scan(automaton, states, "dog"), (Found{1}));
  EXPECT_EQ(scan(automaton, states, "one\na to z\ntwo"), (Found{2}));
  EXPECT_EQ(scan(automaton, states, "XXXXY"), (Found{3}));
  EXPECT_EQ(scan(automaton, states, "xy"), Found{});
  EXPECT_EQ(scan(automaton, states, "cd"), (Found{4}));
  EXPECT_EQ(scan(automaton, states, "dc"), Found{});
  EXPECT_EQ(scan(automaton, states, ""), Found{});
}

TEST(AutomatonTest, answers_as_each_pattern_alone) {
  test::PatternMaker make(11);
  int compared = 0;
  for (int round = 0; round < 600; ++round) {
    Automaton automaton;
    std::vector<Regex> alone;
    std::vector<std::string> sources;
    while (alone.size() < 4) {
      std::string source = make.pattern(3);
      auto tree = PatternTree::parse(source);
      auto regex = Regex::compile(source, {});
      if (!tree || !regex) continue;
      ASSERT_TRUE(automaton.add(*tree));
      alone.push_back(std::move(*regex));
      sources.push_back(std::move(source));
    }
    Automaton::States states(automaton);
    for (int i = 0; i < 40; ++i) {
      const std::string text = make.text("abcABC;\n ");
      auto found = scan(automaton, states, text);
      ASSERT_TRUE(found);
      for (std::uint32_t which = 0; which < alone.size(); ++which) {
        const bool here = std::ranges::binary_search(*found, which);
        const bool there = alone[which].search(text, nullptr) == Regex::Outcome::matched;
        // It must be a superset: a circumflex behind the last line end is found here and not there,
        // and ends of the text are ends of lines.
        const bool more = text.ends_with('\n') || test::has_ends_of_text(sources[which]);
        if (here && !there && more) continue;
        EXPECT_EQ(here, there) << sources[which] << " on '" << text << "'";
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 50'000);
}

TEST(AutomatonTest, gives_up_a_text_that_needs_too_many_states_and_goes_on_with_the_next) {
  Automaton automaton;
  // A state for every set of places in the last thirty where an "a" stood.
  ASSERT_TRUE(automaton.add(*PatternTree::parse("a[ab]{30}c")));
  Automaton::States states(automaton);
  std::mt19937 random(3);
  std::string hard;
  while (hard.size() < 200'000) hard += random() % 2 == 0 ? 'a' : 'b';
  EXPECT_EQ(scan(automaton, states, hard), std::nullopt);
  const std::string match = "a" + std::string(30, 'b') + "c";
  for (int i = 0; i < 200; ++i) {
    (void)scan(automaton, states, hard.substr(static_cast<std::size_t>(i) * 900, 900));
    ASSERT_EQ(scan(automaton, states, match), std::vector<std::uint32_t>{0});
  }
}

TEST(AutomatonTest, refuses_a_pattern_that_is_too_large) {
  Automaton automaton;
  EXPECT_FALSE(automaton.add(*PatternTree::parse("(?:(?:abcdefghij){1000}){1000}")));
  EXPECT_EQ(automaton.patterns(), 0U);
  ASSERT_TRUE(automaton.add(*PatternTree::parse("abc")));
  Automaton::States states(automaton);
  EXPECT_EQ(scan(automaton, states, "xabcx"), std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace sallyport::seclang
