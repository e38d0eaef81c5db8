// What is a macro, what stays text; and that names of variables are found as they are written.
#include "seclang/macro.h"

#include <gtest/gtest.h>

namespace sallyport::seclang {
namespace {

// "text|VARIABLE|VARIABLE(key)|..."
std::string shape(std::string_view source) {
  std::string out;
  for (const MacroPart& part : Macro(source).parts()) {
    if (!out.empty()) out += '|';
    if (part.variable) out += name_of(*part.variable);
    bool bare = part.variable && part.text.empty();
    if (part.variable && !bare) out += '(';
    out += part.text;
    if (part.variable && !bare) out += ')';
    if (part.regex != nullptr) out += '~';
  }
  return out;
}

TEST(Macro, TakesTextApartAtWhatNamesAVariable) {
  struct Case {
    std::string_view source;
    std::string_view parts;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"plain", "plain"},
      {"%{TX.Score}", "TX(score)"},
      {"%{tx.a}%{tx.b}", "TX(a)|TX(b)"},
      {"%{tx.a}% b", "TX(a)| b"},
      {"%{tx.a}%%{tx.b}%", "TX(a)|TX(b)"},
      {"a %{MATCHED_VAR} b", "a |MATCHED_VAR| b"},
      {"%{REQUEST_HEADERS:User-Agent}", "REQUEST_HEADERS(user-agent)"},
      {"%{args}", "ARGS"},
      {"%{ARGS._charset_}", "ARGS(_charset_)"},
      {"%{ARGS:/^A.b$/}", "ARGS(/^A.b$/)~"},
      {"%{XML:/*}", "XML(/*)"},
      {"100%", "100%"},
      {"%{", "%{"},
      {"%{TX.a", "%{TX.a"},
      {"%{nothing}", "%{nothing}"},
      {"%{nothing} %{tx.a}", "%{nothing} |TX(a)"},
      {"%{ %{tx.a}", "%{ |TX(a)"},
      {"%{TX.}", "%{TX.}"},
      {"%{REQUEST_LINE.x}", "%{REQUEST_LINE.x}"},
      {"%{ARGS:/(/}", "%{ARGS:/(/}"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(shape(c.source), c.parts) << c.source;
    EXPECT_EQ(Macro(c.source).source(), c.source);
  }
}

TEST(Macro, IsLiteralWhenItNamesNoVariable) {
  EXPECT_TRUE(Macro("").literal());
  EXPECT_TRUE(Macro("%{nothing}").literal());
  EXPECT_FALSE(Macro("%{TX.a}").literal());
}

TEST(Variables, AreFoundByTheNameTheyHaveInLogs) {
  for (std::size_t i = 0; i < kVariables; ++i) {
    auto variable = static_cast<Variable>(i);
    EXPECT_EQ(find_variable(name_of(variable)), variable);
  }
}

TEST(Variables, AreFoundInAnyCaseAndByOldNames) {
  EXPECT_EQ(find_variable("request_Headers_names"), Variable::request_headers_names);
  EXPECT_EQ(find_variable("MULTIPART_SEMICOLON_MISSING"), Variable::multipart_missing_semicolon);
  EXPECT_EQ(find_variable("ARG"), std::nullopt);
  EXPECT_EQ(find_variable(""), std::nullopt);
}

TEST(Variables, HaveKinds) {
  EXPECT_EQ(kind_of(Variable::tx), VariableKind::store);
  EXPECT_EQ(kind_of(Variable::args), VariableKind::collection);
  EXPECT_EQ(kind_of(Variable::xml), VariableKind::collection);
  EXPECT_EQ(kind_of(Variable::request_uri), VariableKind::scalar);
}

}  // namespace
}  // namespace sallyport::seclang
