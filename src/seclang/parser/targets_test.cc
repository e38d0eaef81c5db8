// Targets: names, keys, regular expressions, XPath.
#include "seclang/parser/targets.h"

#include <gtest/gtest.h>

namespace sallyport::seclang {
namespace {

// "NAME", "NAME:key", "NAME:/regex/", with ! or & in front; behind them, what was wrong.
std::vector<std::string> parse(const std::string& text) {
  Findings findings;
  Report report("f", findings);
  Word word({.line = 1, .column = 1});
  for (std::size_t i = 0; i < text.size(); ++i) {
    word.append(text[i], {.line = 1, .column = static_cast<unsigned>(i + 1)});
  }
  std::vector<std::string> out;
  for (const Target& target : parse_targets({.text = text, .word = &word, .offset = 0}, report)) {
    std::string shown(target.exclude ? "!" : target.count ? "&" : "");
    shown += name_of(target.variable);
    if (target.selector.regex != nullptr) {
      shown += ":/" + std::string(target.selector.regex->pattern()) + "/";
    } else if (!target.selector.all()) {
      shown += ":" + target.selector.name;
    }
    out.push_back(shown);
  }
  for (const LoadError& error : findings.errors) {
    out.push_back(std::to_string(error.column) + " " + error.message +
                  (error.hint.empty() ? "" : " (" + error.hint + ")"));
  }
  return out;
}

using Targets = std::vector<std::string>;

TEST(Targets, are_read_in_order) {
  struct Case {
    std::string text;
    Targets expected;
  };
  const Case cases[] = {
      {"ARGS", {"ARGS"}},
      {"args|Request_Headers:User-Agent", {"ARGS", "REQUEST_HEADERS:user-agent"}},
      {"ARGS,REQUEST_URI", {"ARGS", "REQUEST_URI"}},
      {"ARGS | REQUEST_URI", {"ARGS", "REQUEST_URI"}},
      {"&TX:Score|!ARGS:x", {"&TX:score", "!ARGS:x"}},
      {"TX.score", {"TX:score"}},
      {"TX:0", {"TX:0"}},
      {"ARGS:/^Id_/|!ARGS:/b|c/", {"ARGS:/^Id_/", "!ARGS:/b|c/"}},
      {"ARGS:'/a|b,c/'|ARGS:'x|y'", {"ARGS:/a|b,c/", "ARGS:x|y"}},
      {R"(ARGS:/a\/|b/)", {R"(ARGS:/a\/|b/)"}},
      {"REQUEST_COOKIES:/__utm/|ARGS", {"REQUEST_COOKIES:/__utm/", "ARGS"}},
      {"ARGS:/open", {"ARGS:/open"}},
      {"ARGS:a=b[]", {"ARGS:a=b[]"}},
      {"XML:/*|XML://@*", {"XML:/*", "XML://@*"}},
      {"XML:/bookstore/book/price[text()]", {"XML:/bookstore/book/price[text()]"}},
      {"XML:/A/b/", {"XML:/A/b/"}},
  };
  for (const Case& each : cases) EXPECT_EQ(parse(each.text), each.expected) << each.text;
}

TEST(Targets, say_what_is_wrong_and_where) {
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"ARG", "1 there is no variable ARG (did you mean ARGS?)"},
      {"ARGS|REQUEST_HEADRES:x",
       "6 there is no variable REQUEST_HEADRES (did you mean REQUEST_HEADERS?)"},
      {"", "1 a variable is missing (name one, such as ARGS or REQUEST_HEADERS:Host)"},
      {"ARGS|", "6 a variable is missing (name one, such as ARGS or REQUEST_HEADERS:Host)"},
      {"REQUEST_URI:x", "12 REQUEST_URI has one value and takes no key (write REQUEST_URI alone)"},
      {"ARGS:",
       "6 ARGS: a key is missing behind the colon (write ARGS alone to look at all of it)"},
      {"XML:", "5 XML: a key is missing behind the colon (write XML alone to look at all of it)"},
      {"ARGS x", "6 \"x\" stands where the next target should begin (separate targets by |)"},
  };
  for (const Case& each : cases) EXPECT_EQ(parse(each.text).back(), each.expected) << each.text;
  EXPECT_TRUE(
      parse("ARGS:/(/").back().starts_with("6 ARGS: the regular expression is not valid: "));
}

TEST(Targets, keys_that_are_regular_expressions_ignore_case) {
  Findings findings;
  Report report("f", findings);
  Word word;
  auto targets = parse_targets({.text = "ARGS:/^Id$/", .word = &word, .offset = 0}, report);
  ASSERT_EQ(targets.size(), 1U);
  EXPECT_EQ(targets[0].selector.regex->search("iD", nullptr), Regex::Outcome::matched);
}

}  // namespace
}  // namespace sallyport::seclang
