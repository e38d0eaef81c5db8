// The flags of the rule language, groups, the bound on work, and one pattern on many threads.
#include "seclang/regex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "seclang/work_budget.h"

namespace sallyport::seclang {
namespace {

using Outcome = Regex::Outcome;

Regex compiled(std::string_view pattern, Regex::Options options = {}) {
  auto regex = Regex::compile(pattern, options);
  if (!regex) throw std::invalid_argument(regex.error());
  return std::move(*regex);
}

TEST(Regex, DotMatchesNewlineAndAnchorsMatchAtLines) {
  EXPECT_EQ(compiled("a.b").search("a\nb", nullptr), Outcome::matched);
  EXPECT_EQ(compiled("^b$").search("a\nb\nc", nullptr), Outcome::matched);
  EXPECT_EQ(compiled("B").search("abc", nullptr), Outcome::not_matched);
  EXPECT_EQ(compiled("B", {.caseless = true}).search("abc", nullptr), Outcome::matched);
  EXPECT_EQ(compiled("").search({}, nullptr), Outcome::matched);
}

TEST(Regex, BytesAreBytes) {
  EXPECT_EQ(compiled("a\\x00b").search(std::string_view("a\0b", 3), nullptr), Outcome::matched);
  EXPECT_EQ(compiled(std::string_view("a\0b", 3)).search(std::string_view("a\0b", 3), nullptr),
            Outcome::matched);
  EXPECT_EQ(compiled("^.$").search("\xC3\xA9", nullptr), Outcome::not_matched);
  EXPECT_EQ(compiled("(*UTF)^.$").search("\xC3\xA9", nullptr), Outcome::matched);
  EXPECT_EQ(compiled("(*UTF)^.$").search("\xC3", nullptr), Outcome::limit_exceeded);
}

TEST(Regex, GivesGroups) {
  Groups groups;
  ASSERT_EQ(compiled("(a)(x)?(b)").search("--ab--", &groups), Outcome::matched);
  ASSERT_EQ(groups.count, 4);
  EXPECT_EQ(groups.text[0], "ab");
  EXPECT_EQ(groups.text[1], "a");
  EXPECT_EQ(groups.text[2], "");
  EXPECT_EQ(groups.text[3], "b");
}

TEST(Regex, GivesTheFirstTenGroups) {
  Groups groups;
  ASSERT_EQ(compiled("(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)(b)\\11").search("123456789abb", &groups),
            Outcome::matched);
  ASSERT_EQ(groups.count, Groups::kMost);
  EXPECT_EQ(groups.text[9], "9");
}

// A group around it makes any pattern one for PCRE2.
TEST(Regex, FindsSimplePatternsWherePcreDoes) {
  for (std::string_view pattern :
       {"^.*$", "attack", "^attack", "a-b_9", "LEAKAGE\\\\\\/ERRORS", "^a\\.b", "a\\+", "^/x y",
        "a\\", "attac_*", "attack+", "an?", "atta(ck|c)", "b_9.*x", "attack|b", "x{2}"}) {
    auto whole = Regex::compile(pattern, {});
    auto grouped = Regex::compile("(?:" + std::string(pattern) + ")", {});
    ASSERT_EQ(whole.has_value(), grouped.has_value()) << pattern;
    if (!whole) continue;
    for (std::string_view subject :
         {"", "attack", "an attack", "ATTACK", "\nattack", "a\nb", "a\n", "xa-b_9a-b_9",
          "LEAKAGE\\/ERRORS", "LEAKAGE/ERRORS", "a.b", "axb", "aa+", "/x y", "z/x y", "a\\"}) {
      Groups found;
      Groups expected;
      ASSERT_EQ(whole->search(subject, &found), grouped->search(subject, &expected))
          << pattern << " in " << subject;
      ASSERT_EQ(found.count, expected.count) << pattern << " in " << subject;
      if (expected.count == 0) continue;
      EXPECT_EQ(found.text[0].data(), expected.text[0].data()) << pattern << " in " << subject;
      EXPECT_EQ(found.text[0].size(), expected.text[0].size()) << pattern << " in " << subject;
    }
  }
}

TEST(Regex, SearchesFromAPlace) {
  Groups groups;
  Regex regex = compiled("\\ba");
  ASSERT_EQ(regex.search("a aa", &groups, 1), Outcome::matched);
  EXPECT_EQ(regex.search("a aa", nullptr, 3), Outcome::not_matched);  // sees what stands before
  EXPECT_EQ(regex.search("a", nullptr, 1), Outcome::not_matched);
  EXPECT_EQ(regex.search("a", nullptr, 2), Outcome::not_matched);
}

TEST(Regex, GivesUpAtItsLimit) {
  std::string subject(64, 'a');
  EXPECT_EQ(compiled("^(a+)+$", {.match_limit = 1000}).search(subject + "b", nullptr),
            Outcome::limit_exceeded);
  // The limit is the pattern's, not the thread's.
  EXPECT_EQ(compiled("^(a+)+$").search(subject, nullptr), Outcome::matched);
}

TEST(Regex, SaysWhereAPatternIsWrong) {
  auto wrong = Regex::compile("a(b", {});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error(), "missing closing parenthesis (at offset 3)");
}

TEST(Regex, IsSharedByThreads) {
  const Regex regex = compiled("(b+)c");
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&regex, &right, t] {
      std::string subject = "a" + std::string(static_cast<std::size_t>(t) + 1, 'b') + "c";
      for (int i = 0; i < 1000; ++i) {
        Groups groups;
        bool matched = regex.search(subject, &groups) == Outcome::matched;
        if (matched && groups.text[1].size() == static_cast<std::size_t>(t) + 1) ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 4000);
}

TEST(RegexTest, gives_up_when_the_budget_of_the_thread_is_spent) {
  auto regex = *Regex::compile("[b]", {});
  const std::string text = std::string(1000, 'a') + "b";
  WorkBudget budget;
  budget.allow(60'000'000'000);
  {
    const WorkBudget::Scope scope(budget);
    EXPECT_EQ(regex.search(text, nullptr), Regex::Outcome::matched);
    budget.allow(-budget.left());
    EXPECT_EQ(regex.search(text, nullptr), Regex::Outcome::limit_exceeded);
    EXPECT_EQ(regex.search("ab", nullptr), Regex::Outcome::limit_exceeded);
  }
  EXPECT_EQ(regex.search(text, nullptr), Regex::Outcome::matched);
}

TEST(RegexTest, finds_in_parts_of_a_long_text_what_it_finds_in_the_whole) {
  for (std::string_view pattern : {"x", "a+b", "^ax", "x$", "(?<=a)x", "\\bx", "a.*x", "\\Aa",
                                   ".*b", "\\Ga+x", "(*UTF)x", "(*UTF)\\w+\\W+x"}) {
    auto regex = *Regex::compile(pattern, {});
    for (std::size_t place : {0U, 1U, 63U, 64U, 300U, 900U}) {
      std::string text(1000, 'a');
      text[place] = 'x';
      if (place % 2 == 0) text[500] = '\n';
      text += "\xC3\xA9 \xC3\xA9x";
      text.insert(0, "\xC3\xA9");
      Groups whole;
      Groups parts;
      const Regex::Outcome expected = regex.search(text, &whole);
      WorkBudget budget;
      budget.allow(60'000'000'000);
      const WorkBudget::Scope scope(budget);
      EXPECT_EQ(regex.search(text, &parts), expected) << pattern << " " << place;
      EXPECT_EQ(parts.text[0].data(), whole.text[0].data()) << pattern << " " << place;
      EXPECT_EQ(parts.text[0].size(), whole.text[0].size()) << pattern << " " << place;
    }
  }
}

// From each place as far as the text goes, and from there back: it would take years.
TEST(RegexTest, gives_up_when_the_processor_has_taken_the_time_that_was_left) {
  auto regex = *Regex::compile("(?:a*)*(?:a*)*[bc]", {.match_limit = 4'000'000'000});
  for (std::size_t size : {200U, 20'000U}) {
    WorkBudget budget;
    budget.allow(5'000'000);
    const WorkBudget::Scope scope(budget);
    EXPECT_EQ(regex.search(std::string(size, 'a'), nullptr), Outcome::limit_exceeded) << size;
  }
}

}  // namespace
}  // namespace sallyport::seclang
