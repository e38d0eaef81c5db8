// Lines, quotes and comments, and where each byte stood.
#include "seclang/parser/lexer.h"

#include <gtest/gtest.h>

namespace sallyport::seclang {
namespace {

// "name|argument|argument..." for each directive; the dots: the quote is not closed.
std::vector<std::string> lex(std::string_view source) {
  std::vector<std::string> out;
  for (const Directive& directive : read_directives(source)) {
    std::string text = directive.name;
    for (const Word& word : directive.arguments) {
      text += "|" + word.text() + (word.unclosed() ? "..." : "");
    }
    out.push_back(text);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(Lexer, separates_directives_and_arguments) {
  struct Case {
    std::string_view source;
    Lines expected;
  };
  const Case cases[] = {
      {"", {}},
      {"\n\n  \t\n", {}},
      {"A", {"A"}},
      {"A b\tc  d\nB\n", {"A|b|c|d", "B"}},
      {"A b\r\nB c\r\n", {"A|b", "B|c"}},
      {"\xEF\xBB\xBF"
       "A b",
       {"A|b"}},
      {R"(A "b c" d)", {"A|b c|d"}},
      {R"(A "b""c")", {"A|b|c"}},
      {R"(A 'b "c"')", {"A|b \"c\""}},
      {R"(A "")", {"A|"}},
      {R"(A !ARGS:'/^a/')", {"A|!ARGS:'/^a/'"}},
  };
  for (const Case& each : cases) EXPECT_EQ(lex(each.source), each.expected) << each.source;
}

TEST(Lexer, a_backslash_escapes_the_quote_and_nothing_else) {
  EXPECT_EQ(lex(R"(A "x\"y")"), Lines{R"(A|x"y)"});
  EXPECT_EQ(lex(R"(A "\d\\" b)"), Lines{R"(A|\d\\|b)"});
  EXPECT_EQ(lex(R"(A "\\\"" b)"), Lines{R"(A|\\"|b)"});
  EXPECT_EQ(lex(R"(A "it's \'")"), Lines{R"(A|it's \')"});
}

TEST(Lexer, a_backslash_at_the_end_joins_lines) {
  EXPECT_EQ(lex("A b \\\n  c\nB"), (Lines{"A|b|c", "B"}));
  EXPECT_EQ(lex("A \"b,\\\r\n  c\""), Lines{"A|b,  c"});
  EXPECT_EQ(lex("A b\\\nc"), Lines{"A|b|c"});
}

TEST(Lexer, comments_end_with_their_line) {
  EXPECT_EQ(lex("# A b\nB"), Lines{"B"});
  EXPECT_EQ(lex("A On # why\nB"), (Lines{"A|On", "B"}));
  EXPECT_EQ(lex("A x#y"), Lines{"A|x#y"});
  EXPECT_EQ(lex("# prose that ends in \\\nSecRule x"), Lines{"SecRule|x"});
}

TEST(Lexer, a_rule_that_is_commented_out_takes_its_lines_with_it) {
  EXPECT_EQ(lex("#SecRule ARGS x \\\n  \"id:1\"\nB"), Lines{"B"});
  EXPECT_EQ(lex("  # secaction \\\r\n  \"id:1,\\\r\n pass\"\r\nB"), Lines{"B"});
}

TEST(Lexer, a_quote_that_is_not_closed_ends_with_its_line) {
  EXPECT_EQ(lex("A b\nSecRule ARGS \"x y\nB \"c"), (Lines{"A|b", "SecRule|ARGS|x y...", "B|c..."}));
}

TEST(Lexer, words_know_where_their_bytes_stood) {
  auto directives = read_directives("\n  A \"x\\\"y\\\n   z\" b");
  ASSERT_EQ(directives.size(), 1U);
  const Word& word = directives[0].arguments[0];
  ASSERT_EQ(word.text(), "x\"y   z");
  auto at = [&](std::size_t offset) {
    Place place = word.place(offset);
    return std::pair(place.line, place.column);
  };
  EXPECT_EQ(directives[0].place.column, 3U);
  EXPECT_EQ(at(0), std::pair(2U, 6U));
  EXPECT_EQ(at(1), std::pair(2U, 7U));
  EXPECT_EQ(at(2), std::pair(2U, 9U));
  EXPECT_EQ(at(3), std::pair(3U, 1U));
  EXPECT_EQ(at(6), std::pair(3U, 4U));
  EXPECT_EQ(at(7), std::pair(3U, 5U));
  EXPECT_EQ(directives[0].arguments[1].place().column, 7U);
}

}  // namespace
}  // namespace sallyport::seclang
