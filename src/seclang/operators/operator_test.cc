#include "seclang/operators/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace sallyport::seclang {
namespace {

using testing::HasSubstr;

std::map<std::string, std::string> files;  // what rules under test may read

std::expected<std::unique_ptr<Operator>, std::string> make(std::string_view name,
                                                           std::string_view argument,
                                                           bool has_macros = false) {
  return make_operator(
      {.name = name,
       .argument = argument,
       .has_macros = has_macros,
       .file = "/rules/main.conf",
       .read_file = [](const std::string& path) -> std::expected<std::string, std::string> {
         auto found = files.find(path);
         if (found == files.end()) return std::unexpected("no file " + path);
         return found->second;
       }});
}

struct Outcome {
  bool matched = false;
  std::vector<std::string> groups;
  std::size_t offset = 0;
  std::size_t length = 0;
  bool limit_exceeded = false;
};

Outcome run(const Operator& op, std::string_view argument, std::string_view value) {
  Arena arena({});
  Evaluation evaluation{.arena = arena, .argument = argument, .capture = true};
  std::string exact(value);  // so that a sanitizer sees reads behind the value
  exact.shrink_to_fit();
  Outcome out{.matched = op.evaluate(exact, evaluation),
              .offset = evaluation.offset,
              .length = evaluation.length,
              .limit_exceeded = evaluation.limit_exceeded};
  for (std::size_t i = 0; i < evaluation.groups.count; ++i) {
    out.groups.emplace_back(evaluation.groups.text[i]);
  }
  return out;
}

Outcome run(std::string_view name, std::string_view argument, std::string_view value) {
  auto op = make(name, argument);
  EXPECT_TRUE(op.has_value()) << op.error();
  return op ? run(**op, argument, value) : Outcome{};
}

bool matches(std::string_view name, std::string_view argument, std::string_view value) {
  return run(name, argument, value).matched;
}

std::string error_of(std::string_view name, std::string_view argument) {
  auto op = make(name, argument);
  return op ? "" : op.error();
}

using Groups = std::vector<std::string>;

TEST(Operator, NamesAreFoundWhateverTheirCase) {
  EXPECT_TRUE(known_operator("rx"));
  EXPECT_TRUE(known_operator("PMFROMFILE"));
  EXPECT_TRUE(known_operator("verifycpf"));
  EXPECT_FALSE(known_operator("@rx"));
  EXPECT_FALSE(known_operator(""));
}

TEST(Operator, AnUnknownOneIsAnErrorThatSuggestsANeighbour) {
  EXPECT_EQ(error_of("pmFromFiles", ""),
            "@pmFromFiles is not an operator; did you mean @pmFromFile?");
}

TEST(Operator, WhatIsLeftOutOnPurposeSaysWhy) {
  for (std::string_view name : {"gsbLookup", "inspectFile", "rsub", "validateHash"}) {
    EXPECT_FALSE(known_operator(name)) << name;
    EXPECT_NE(why_left_out(name), "") << name;
    EXPECT_THAT(error_of(name, "x"), HasSubstr("is left out")) << name;
  }
  EXPECT_EQ(why_left_out("rx"), "");
  EXPECT_EQ(why_left_out("nonsense"), "");
}

TEST(Operator, EveryOneTakesAnyBytesAndNone) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  files["/rules/empty"] = "";
  for (std::string_view name : {"beginsWith",
                                "contains",
                                "containsWord",
                                "detectSQLi",
                                "detectXSS",
                                "endsWith",
                                "eq",
                                "ge",
                                "geoLookup",
                                "gt",
                                "le",
                                "lt",
                                "noMatch",
                                "pm",
                                "rbl",
                                "rx",
                                "rxGlobal",
                                "streq",
                                "strmatch",
                                "unconditionalMatch",
                                "validateByteRange",
                                "validateUrlEncoding",
                                "validateUtf8Encoding",
                                "verifyCC",
                                "verifyCPF",
                                "verifySSN",
                                "verifySVNR",
                                "within"}) {
    for (std::string_view argument : {"", "a", "0"}) {
      for (std::string_view value : {std::string_view(), std::string_view(""),
                                     std::string_view("a"), std::string_view(bytes)}) {
        auto op = make(name, argument);
        ASSERT_TRUE(op.has_value()) << op.error();
        Arena arena({});
        Evaluation evaluation{.arena = arena, .argument = argument};
        (void)(*op)->evaluate(value, evaluation);
      }
    }
  }
}

TEST(Strings, AreComparedByteForByte) {
  struct Case {
    std::string_view name, argument, value;
    bool matched;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"beginsWith", "ab", "abc", true},
           {"beginsWith", "ab", "Abc", false},
           {"beginsWith", "", "abc", true},
           {"beginsWith", "abc", "ab", false},
           {"endsWith", "bc", "abc", true},
           {"endsWith", "", "", true},
           {"endsWith", "abcd", "abc", false},
           {"contains", "b", "abc", true},
           {"contains", "", "", true},
           {"contains", "B", "abc", false},
           {"strmatch", "bc", "abcd", true},
           {"streq", "a", "a", true},
           {"streq", "", "", true},
           {"streq", "a", "A", false},
           {"within", "GET,POST", "GET", true},
           {"within", "GET,POST", "PUT", false},
           {"within", "", "", true},
           {"within", "", "x", false},
           {"containsWord", "ab", "x ab y", true},
           {"containsWord", "ab", "xab", false},
           {"containsWord", "ab", "ab1", true},
           {"containsWord", "ab", "ab_", true},
           {"containsWord", "ab", "abx ab", true},
           {"containsWord", "", "", true},
           {"containsWord", "ab",
            "\xFF"
            "ab",
            true},
           {"unconditionalMatch", "", "", true},
           {"noMatch", "", "x", false},
           {"rbl", "zen.example.org", "192.0.2.1", false},
       }) {
    EXPECT_EQ(matches(c.name, c.argument, c.value), c.matched)
        << c.name << " " << c.argument << " " << c.value;
  }
}

TEST(Strings, SayWhereTheMatchIs) {
  Outcome end = run("endsWith", "bc", "abc");
  EXPECT_EQ(end.offset, 1U);
  EXPECT_EQ(end.length, 2U);
  EXPECT_EQ(run("contains", "c", "abc").offset, 2U);
  EXPECT_EQ(run("containsWord", "ab", "xab ab").offset, 4U);
  EXPECT_EQ(run("within", "a,b,c", "b").offset, 2U) << "in the argument";
}

TEST(Strings, CompareWithTheExpandedArgument) {
  auto op = make("streq", "%{tx.x}", true);
  EXPECT_TRUE(run(**op, "now this", "now this").matched);
  EXPECT_FALSE(run(**op, "now this", "%{tx.x}").matched);
}

TEST(Compare, ReadsNumbersAsTheCLibraryDoes) {
  struct Case {
    std::string_view name, argument, value;
    bool matched;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"eq", "5", "5", true},
           {"eq", "5", " \t+5x", true},
           {"eq", "0", "", true},
           {"eq", "0", "x", true},
           {"eq", "-1", "-1", true},
           {"eq", "0", "+-1", true},
           {"eq", "0", "99999999999", true},  // does not fit: 0
           {"gt", "5", "6", true},
           {"gt", "5", "5", false},
           {"ge", "5", "5", true},
           {"lt", "5", "-7", true},
           {"le", "5", "5", true},
           {"le", "5", "6", false},
           {"gt", "2147483648", "2147483649", true},
           {"gt", "5", "99999999999999999999999", true},  // does not fit: the nearest
           {"lt", "5", "-99999999999999999999999", true},
           {"eq", "10", "0x10", false},
           {"ge", "0", "+ 5", true},
       }) {
    EXPECT_EQ(matches(c.name, c.argument, c.value), c.matched)
        << c.name << " " << c.argument << " " << c.value;
  }
}

TEST(Rx, CapturesTheMatchAndItsGroups) {
  Outcome out = run("rx", "(a+)(x)?(b)", "..aab");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.groups, (Groups{"aab", "aa", "", "b"}));
  EXPECT_EQ(out.offset, 2U);
  EXPECT_EQ(out.length, 3U);
  EXPECT_FALSE(run("rx", "b", "a").matched);
}

TEST(Rx, AnEmptyArgumentMatchesEverythingAndCapturesNothing) {
  for (std::string_view name : {"rx", "rxGlobal"}) {
    EXPECT_TRUE(matches(name, "", ""));
    EXPECT_TRUE(run(name, "", "x").groups.empty());
  }
}

TEST(Rx, WhatDoesNotCompileIsALoadError) {
  EXPECT_THAT(error_of("rx", "a("), testing::StartsWith("@rx: "));
  EXPECT_THAT(error_of("rxGlobal", "a("), testing::StartsWith("@rxGlobal: "));
}

TEST(Rx, WithMacrosSearchesWhatTheyExpandTo) {
  auto op = make("rx", "^%{tx.x}$", true);
  ASSERT_TRUE(op.has_value());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) {  // more than are kept
      std::string number = std::to_string(i);
      EXPECT_TRUE(run(**op, "^" + number + "$", number).matched);
      EXPECT_FALSE(run(**op, "^" + number + "$", number + "0").matched);
    }
  }
  EXPECT_TRUE(run(**op, "", "anything").matched);
  EXPECT_FALSE(run(**op, "(", "(").matched) << "no regular expression";
  EXPECT_FALSE(run(**op, "(", "(").matched) << "remembered";
}

TEST(Rx, GivingUpIsNoMatchAndIsSaid) {
  auto op =
      make_operator({.name = "rx", .argument = "(?:a+)+(?:a+)+(?:a+)+c\\1|(x)", .match_limit = 10});
  ASSERT_TRUE(op.has_value()) << op.error();
  Outcome out = run(**op, "", std::string(4000, 'a') + "b");
  EXPECT_FALSE(out.matched);
  EXPECT_TRUE(out.limit_exceeded);
}

TEST(RxGlobal, NumbersTheGroupsOfAllMatchesThrough) {
  EXPECT_EQ(run("rxGlobal", "(a)(b)?", "xabcacx").groups, (Groups{"ab", "a", "b", "a", "a"}));
  EXPECT_EQ(run("rxGlobal", "(a)?(b)", "bab").groups, (Groups{"b", "", "ab", "a", "b"}));
  EXPECT_EQ(run("rxGlobal", "x*", "axb").groups, (Groups{"", "x", "", ""}));
  EXPECT_EQ(run("rxGlobal", "a", std::string(50, 'a')).groups, Groups(10, "a"));
  Outcome out = run("rxGlobal", "a", "bab");
  EXPECT_EQ(out.offset, 1U);
  EXPECT_EQ(out.length, 1U);
}

TEST(Pm, FindsPhrasesWhateverTheirCaseAndCapturesThemAsTheRuleSpellsThem) {
  Outcome out = run("pm", "union Select", "xx SELECT");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.groups, (Groups{"Select"}));
  EXPECT_EQ(out.offset, 3U);
  EXPECT_EQ(out.length, 6U);
  EXPECT_FALSE(matches("pm", "union select", "unioselec"));
  EXPECT_FALSE(matches("pm", "", "x"));
  EXPECT_TRUE(matches("pm", "\xC3\xA9", "caf\xC3\xA9"));
}

TEST(Pm, TakesSnippetsOfHexadecimalDigits) {
  EXPECT_TRUE(matches("pm", "A|42|C|44|F", "xABCDF"));
  EXPECT_TRUE(matches("pm", "a|41 4 2|", "xaab"));
  EXPECT_TRUE(matches("pm", "|00|", std::string_view("x\0y", 3)));
  EXPECT_TRUE(matches("pm", "foo|bar baz", "foo|bar")) << "one bar is a bar";
  EXPECT_TRUE(matches("pm", "a|xy|b", "a|xy|b")) << "no digits: no snippet";
  EXPECT_TRUE(matches("pm", "||", "||"));
}

TEST(Pm, TakesQuotesAndEscapes) {
  EXPECT_TRUE(matches("pm", R"("ab cd")", "xcdx"));
  EXPECT_FALSE(matches("pm", R"("ab cd")", "\""));
  EXPECT_TRUE(matches("pm", R"(h\:i jk)", "jk"));
  EXPECT_TRUE(matches("pm", R"(h\:i jk)", "h:i"));
  EXPECT_TRUE(matches("pm", R"(c:\windows x\:y)", R"(c:\windows)")) << "taken as it is";
  EXPECT_TRUE(matches("pm", R"(end\)", R"(end\)"));
}

TEST(PmFromFile, ReadsAPhraseFromEachLineOfEachFile) {
  files["/rules/a.data"] = "# comment\n\n  \t\n  # another\nfirst one\r\n.env\nsecrets.json";
  files["/else/b.data"] = "second\n";
  std::string_view both = "a.data  /else/b.data";
  EXPECT_TRUE(matches("pmFromFile", both, "the FIRST ONE"));
  EXPECT_TRUE(matches("pmf", both, "a second"));
  EXPECT_FALSE(matches("pmFromFile", both, "first"));
  EXPECT_FALSE(matches("pmFromFile", both, "# comment"));
  EXPECT_FALSE(matches("pmFromFile", both, "   "));
  EXPECT_TRUE(matches("pmFromFile", both, "/.a0proj/secrets.env")) << "begins inside secrets.json";
}

TEST(PmFromFile, WhatCannotBeReadIsALoadError) {
  EXPECT_EQ(error_of("pmFromFile", "none.data"), "@pmFromFile: no file /rules/none.data");
  EXPECT_THAT(error_of("pmFromFile", ""), HasSubstr("names no file"));
  EXPECT_THAT(error_of("pmFromFile", "https://example.org/x"), HasSubstr("is not a file"));
}

TEST(IpMatch, HoldsAddressesAgainstNetworks) {
  struct Case {
    std::string_view argument, value;
    bool matched;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"192.0.2.1", "192.0.2.1", true},
           {"192.0.2.1", "192.0.2.2", false},
           {"10.9.8.7/8", "10.1.1.1", true},  // bits behind the prefix do not matter
           {"10.0.0.0/8,192.0.2.0/24", "192.0.2.200", true},
           {"10.0.0.0/8, 192.0.2.0/24", "192.0.3.200", false},
           {"0.0.0.0/0", "203.0.113.5", true},
           {"2001:db8::/32", "2001:db8:1::1", true},
           {"2001:db8::/33", "2001:db8:8000::1", false},
           {"::/0", "2001:db8::1", true},
           {"::/0", "192.0.2.1", false},
           {"192.0.2.1", "::ffff:192.0.2.1", true},
           {"192.0.2.1", "", false},
           {"192.0.2.1", "192.0.2.1 ", false},
           {"192.0.2.1", std::string_view("192.0.2.1\0x", 11), true},
           {"", "192.0.2.1", false},
       }) {
    EXPECT_EQ(matches("ipMatch", c.argument, c.value), c.matched) << c.argument << " " << c.value;
  }
}

TEST(IpMatch, WhatIsNoNetworkIsALoadError) {
  for (std::string_view wrong : {"10.0.0.0/33", "10.0.0/8", "::/129", "example.org", "10.0.0.0/",
                                 "10.0.0.0/8x", "10.0.0.1,nonsense", "10.0.0.0/255.0.0.0"}) {
    EXPECT_THAT(error_of("ipMatch", wrong), HasSubstr("is not an address or network")) << wrong;
  }
}

TEST(IpMatchFromFile, TakesListsWithComments) {
  files["/rules/ips"] = "# ours\n10.0.0.0/8 # inner\r\n\n2001:db8::1,192.0.2.7\n";
  for (std::string_view name : {"ipMatchF", "ipMatchFromFile"}) {
    EXPECT_TRUE(matches(name, "ips", "10.2.3.4"));
    EXPECT_TRUE(matches(name, "ips", "192.0.2.7"));
    EXPECT_TRUE(matches(name, "ips", "2001:db8::1"));
    EXPECT_FALSE(matches(name, "ips", "192.0.2.8"));
  }
  files["/rules/bad"] = "10.0.0.0/8\nnonsense\n";
  EXPECT_THAT(error_of("ipMatchFromFile", "bad"), HasSubstr("\"nonsense\""));
}

TEST(GeoLookup, NeverMatchesWithoutADatabase) {
  EXPECT_FALSE(matches("geoLookup", "", "192.0.2.1"));
}

TEST(Validate, FindsBytesOutsideTheRange) {
  EXPECT_FALSE(matches("validateByteRange", "9,10,32-126", "a\tb"));
  Outcome out = run("validateByteRange", " 9, 10 , 32 - 126,",
                    "a\x01"
                    "b");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.offset, 1U);
  EXPECT_FALSE(matches("validateByteRange", "1-255", "\xFF"));
  EXPECT_TRUE(matches("validateByteRange", "1-255", std::string_view("\0", 1)));
  EXPECT_TRUE(matches("validateByteRange", "1-300", "a")) << "not a range: nothing is allowed";
  EXPECT_TRUE(matches("validateByteRange", "", "a"));
  EXPECT_FALSE(matches("validateByteRange", "", ""));
}

TEST(Validate, FindsBrokenEscapes) {
  EXPECT_FALSE(matches("validateUrlEncoding", "", ""));
  EXPECT_FALSE(matches("validateUrlEncoding", "", "a%20b%Ff"));
  EXPECT_TRUE(matches("validateUrlEncoding", "", "a%2"));
  EXPECT_TRUE(matches("validateUrlEncoding", "", "a%"));
  EXPECT_TRUE(matches("validateUrlEncoding", "", "%%20"));
  EXPECT_EQ(run("validateUrlEncoding", "", "ab%zz").offset, 2U);
}

TEST(Validate, FindsWhatIsNotUtf8) {
  for (std::string_view wrong : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80", "\xF5",
                                 "\x80", "a\xC3", "\xFE"}) {
    EXPECT_TRUE(matches("validateUtf8Encoding", "", wrong));
  }
  for (std::string_view right :
       {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_FALSE(matches("validateUtf8Encoding", "", right));
  }
}

TEST(Verify, KnowsPaymentCards) {
  Outcome out = run("verifyCC", "\\d{13,16}", "card x4417123456789113");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.groups, (Groups{"4417123456789113"}));
  EXPECT_EQ(out.offset, 6U);
  EXPECT_TRUE(matches("verifyCC", "\\d{16}", "94417123456789113")) << "begins inside a match";
  EXPECT_FALSE(matches("verifyCC", "\\d{13,16}", "4417123456789114"));
  EXPECT_FALSE(matches("verifyCC", "[a-z]+", "abc")) << "no digits at all";
  EXPECT_THAT(error_of("verifyCC", "("), testing::StartsWith("@verifyCC: "));
}

TEST(Verify, KnowsBrazilianNumbers) {
  std::string_view pattern = "([0-9]{3}\\.?){2}[0-9]{3}-?[0-9]{2}";
  EXPECT_TRUE(matches("verifyCPF", pattern, "x 529.982.247-25 y"));
  EXPECT_TRUE(matches("verifyCPF", pattern, "98765432100"));
  EXPECT_FALSE(matches("verifyCPF", pattern, "529.982.247-24"));
  EXPECT_FALSE(matches("verifyCPF", pattern, "111.111.111-11"));
  EXPECT_FALSE(matches("verifyCPF", pattern, "012.345.678-90"));
  EXPECT_FALSE(matches("verifyCPF", pattern, ""));
  EXPECT_FALSE(matches("verifyCPF", "", "98765432100"));
}

TEST(Verify, KnowsAmericanNumbers) {
  std::string_view pattern = "\\d{3}-?\\d{2}-?\\d{4}";
  EXPECT_TRUE(matches("verifySSN", pattern, "574-57-8065"));
  for (std::string_view wrong : {"123-45-6789", "111-11-1111", "000-12-3456", "666-12-3456",
                                 "740-12-3456", "574-00-8065", "574-57-0000"}) {
    EXPECT_FALSE(matches("verifySSN", pattern, wrong)) << wrong;
  }
  EXPECT_FALSE(matches("verifySSN", "\\d+", "5745780651"))
      << "ten digits; nine of them are not one";
}

TEST(Verify, KnowsAustrianNumbers) {
  EXPECT_TRUE(matches("verifySVNR", "([0-9]{4} ?[0-9]{6})", "asdf 1237 010180 asdf"));
  EXPECT_FALSE(matches("verifySVNR", "([0-9]{4} ?[0-9]{6})", "1238 010180"));
  EXPECT_FALSE(matches("verifySVNR", "[0-9]{10}", "7777777777"));
  EXPECT_TRUE(matches("verifySVNR", "[0-9]{10}", "8888888888")) << "as in ModSecurity";
}

TEST(Verify, TriesEachPlaceAsIfTheValueBeganThere) {
  EXPECT_TRUE(matches("verifyCPF", "\\b[0-9]{11}", "x98765432100"));
  EXPECT_TRUE(matches("verifySSN", "^\\d{9}", "1574578065"));
}

TEST(DetectSqli, CapturesTheFingerprint) {
  Outcome out = run("detectSQLi", "", "1' or '1'='1");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.groups, (Groups{"s&sos"}));
  EXPECT_FALSE(matches("detectSQLi", "", "ordinary text"));
}

TEST(DetectXss, CapturesTheValue) {
  Outcome out = run("detectXSS", "", "<script>alert(1)</script>");
  EXPECT_TRUE(out.matched);
  EXPECT_EQ(out.groups, (Groups{"<script>alert(1)</script>"}));
  EXPECT_FALSE(matches("detectXSS", "", "1 < 2"));
}

// A text long enough for a hash with some detail.
std::string prose(unsigned lines) {
  std::string text;
  for (unsigned i = 0; i < lines; ++i) {
    text += "line " + std::to_string(i * i * 7919) + " of a program that nobody wants to see\n";
  }
  return text;
}

// The hash of prose(40), as `ssdeep -b` prints it.
constexpr std::string_view kHashOfProse =
    "48:EMfAKf6tsgtOKWN0162S4zlAFifQwTWkh7dVsizWypn0KNGTBin:Hv8Qwx,\"prose\"";

TEST(FuzzyHash, FindsWhatIsAlikeAndNothingElse) {
  files["/rules/known.ssd"] =
      "ssdeep,1.1--blocksize:hash:hash,filename\n" + std::string(kHashOfProse) + "\n";
  EXPECT_TRUE(matches("fuzzyHash", "known.ssd 100", prose(40)));
  std::string changed = prose(40);
  changed.insert(700, "something else");
  EXPECT_TRUE(matches("fuzzyHash", "known.ssd 60", changed));
  EXPECT_FALSE(matches("fuzzyHash", "known.ssd 100", changed));
  EXPECT_FALSE(matches("fuzzyHash", "known.ssd 1", std::string(2000, 'x') + "no program at all"));
  EXPECT_FALSE(matches("fuzzyHash", "known.ssd 1", ""));
}

TEST(FuzzyHash, RefusesWhatIsNoHashAndNoLevel) {
  files["/rules/known.ssd"] = std::string(kHashOfProse);
  files["/rules/wrong.ssd"] = "3:abc\n";
  EXPECT_EQ(error_of("fuzzyHash", "wrong.ssd 5"),
            "@fuzzyHash: line 1 is not a hash in wrong.ssd; make it with ssdeep -b");
  files["/rules/none.ssd"] = "ssdeep,1.1--blocksize:hash:hash,filename\n";
  EXPECT_THAT(error_of("fuzzyHash", "none.ssd 5"), HasSubstr("there is no hash in none.ssd"));
  EXPECT_EQ(error_of("fuzzyHash", "missing.ssd 5"), "@fuzzyHash: no file /rules/missing.ssd");
  for (std::string_view argument : {"", "known.ssd", "known.ssd 0", "known.ssd 101", "5"}) {
    EXPECT_THAT(error_of("fuzzyHash", argument), HasSubstr("1 to 100")) << argument;
  }
}

}  // namespace
}  // namespace sallyport::seclang
