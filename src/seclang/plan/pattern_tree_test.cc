#include "seclang/plan/pattern_tree.h"

#include <gtest/gtest.h>

#include <string>

#include "seclang/plan/test_patterns.h"
#include "seclang/regex.h"

namespace sallyport::seclang {
namespace {

ByteSet letters() {
  ByteSet set;
  for (unsigned c = 'a'; c <= 'z'; ++c) set.set(c);
  return set;
}

bool matches(std::string_view pattern, std::string_view text) {
  auto regex = Regex::compile(pattern, {});
  EXPECT_TRUE(regex) << pattern << ": " << (regex ? "" : regex.error());
  return regex && regex->search(text, nullptr) == Regex::Outcome::matched;
}

TEST(PatternTreeTest, writes_what_it_read_without_flags) {
  auto text = [](std::string_view in) {
    auto pattern = PatternTree::parse(in);
    return pattern ? pattern->text() : "refused";
  };
  EXPECT_EQ(text("abc"), "abc");
  EXPECT_EQ(text("(?i)ab|c"), "[Aa][Bb]|[Cc]");
  EXPECT_EQ(text("a(?i:b)c"), "a[Bb]c");
  EXPECT_EQ(text("(a|b)*?c{2,5}\\b"), "(?:a|b)*?c{2,5}\\b");
  EXPECT_EQ(text("[^a-z]"), "[^a-z]");
  EXPECT_EQ(text("a{x,3}"), "a\\x7bx\\x2c3\\x7d");
  EXPECT_EQ(text("\\Aab\\z|c\\Z"), "^ab$|c$");
  EXPECT_EQ(text("\\x41\\.\\s"), "A\\x2e[\\x09-\\x0d\\x20]");
}

TEST(PatternTreeTest, refuses_what_is_not_regular_or_not_certain) {
  for (std::string_view bad :
       {"(?=a)", "(?!a)", "(?<=a)b", "(a)\\1", "\\p{L}", "(", "a)", "[a", "*a", "(?x)a", "\\K",
        "(*F)", "(?R)", "[[.a.]]", "[z-a]", "a{,3}", "a{ 1, 3 }"}) {
    EXPECT_FALSE(PatternTree::parse(bad)) << bad;
  }
}

TEST(PatternTreeTest, within_an_alphabet_drops_what_needs_other_bytes) {
  auto within = [](std::string_view in) {
    auto rest = PatternTree::parse(in)->within(letters());
    return rest ? rest->text() : "nothing";
  };
  EXPECT_EQ(within("a;b"), "nothing");
  EXPECT_EQ(within("a;?b"), "ab");
  EXPECT_EQ(within("a;b|cd"), "cd");
  EXPECT_EQ(within("[a-c;]x"), "[a-c]x");
  EXPECT_EQ(within("a.*b"), "a[\\x00-\\xff]*b");
  EXPECT_EQ(within("a(?:;x)+b"), "nothing");
  EXPECT_EQ(within("a(?:;x){0,2}b"), "ab");
}

TEST(PatternTreeTest, counts_repetitions_out) {
  EXPECT_EQ(PatternTree::parse("a")->nodes(), 1U);
  EXPECT_GT(PatternTree::parse("(?:ab){50}")->nodes(), 100U);
}

using test::PatternMaker;

TEST(PatternTreeTest, a_pattern_written_anew_matches_the_same_texts) {
  PatternMaker make(7);
  ByteSet alphabet = letters();
  int understood = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string source = make.pattern(3);
    auto pattern = PatternTree::parse(source);
    if (!pattern) continue;
    auto before = Regex::compile(source, {});
    if (!before) continue;
    ++understood;
    auto after = Regex::compile(pattern->text(), {});
    ASSERT_TRUE(after) << source << " became " << pattern->text();
    auto rest = pattern->within(alphabet);
    for (int j = 0; j < 20; ++j) {
      std::string text = make.text("abcABC;\n");
      bool found = before->search(text, nullptr) == Regex::Outcome::matched;
      bool found_after = after->search(text, nullptr) == Regex::Outcome::matched;
      // Ends of the text are ends of lines there: it may find more.
      if (found_after && !found && text.contains('\n') && test::has_ends_of_text(source)) continue;
      EXPECT_EQ(found_after, found) << source << " / " << pattern->text() << " on " << text;
      std::string plain = make.text("abcd");
      bool plainly = before->search(plain, nullptr) == Regex::Outcome::matched;
      EXPECT_EQ(rest && matches(rest->text(), plain), plainly)
          << source << " / " << (rest ? rest->text() : "nothing") << " on " << plain;
    }
  }
  EXPECT_GT(understood, 1000);
}

}  // namespace
}  // namespace sallyport::seclang
