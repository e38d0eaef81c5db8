#include "policies/authorize/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/authorize/caller_fixture.h"

namespace sallyport::policies::authorize_detail {
namespace {

using sallyport::testing::Caller;
using sallyport::testing::ExchangeFixture;
using ::testing::HasSubstr;

constexpr std::string_view kClaims = R"({
  "sub": "u1", "age": 42, "ratio": 0.5, "large": 9007199254740993, "admin": true, "guest": false,
  "nothing": null, "groups": ["staff", "eu"], "numbers": [1, 2.5], "aud": "orders",
  "realm": {"roles": ["clerk"], "tenant": "acme"}, "a.b": "dotted", "x-y": "dashed", "five": "5"
})";

class ExpressionTest : public ::testing::Test {
 protected:
  ExpressionTest() : caller_(kClaims) {
    caller_->consumer = "shop";
    caller_->subject = "u1";
    caller_->issuer = "https://id.example";
    caller_.scopes({"orders:read"}).roles({"admin"}).groups({"eu"});
    f_.request("PUT", "/orders/u1").header("X-Tenant", "acme").header("X-Two", "a");
    f_.header("x-two", "b");
    f_.x.request.query = "limit=5&n%61me=J%C3%B6rg+M&twice=1&twice=2&empty=&bare";
    caller_.call(f_);
  }

  static Expression parsed(std::string_view text) {
    auto expression = Expression::parse(text);
    EXPECT_TRUE(expression.has_value()) << text << ": " << expression.error().message;
    return expression.value_or(Expression());
  }
  Expression::Outcome outcome(std::string_view text) {
    Facts facts(f_.x);
    EXPECT_TRUE(facts.fits(&path_));
    return parsed(text).evaluate(facts);
  }

  ExchangeFixture f_;
  Caller caller_;
  PathTemplate path_ = PathTemplate::parse("/orders/{id}", nullptr).value();
};

TEST_F(ExpressionTest, ComparesValuesOfOneType) {
  for (std::string_view holds : {
           R"(claims.sub == "u1")",
           "claims.sub == path.id",
           "claims.sub != 'u2'",
           "claims.age == 42",
           "claims.age == 42.0",
           "claims.age > 41 and claims.age >= 42 and claims.age < 43 and claims.age <= 42",
           "claims.ratio == 0.5",
           "claims.ratio > -1",
           "claims.large != 9007199254740992.0",
           "claims.large > 9007199254740992.0",
           "9007199254740992.0 < claims.large",
           "claims.admin == true",
           "claims.admin",
           "not claims.guest",
           "claims.guest == false",
           "claims.guest != true",
           R"(claims.sub < "u2")",
           R"(claims["a.b"] == "dotted")",
           "claims.x-y == 'dashed'",
           R"(claims.realm["tenant"] == header.x-tenant)",
           R"(header.X-TENANT == "acme")",
           R"(header["X-Tenant"] == "acme")",
           "query.limit == '5'",
           "query.name == 'J\u00f6rg M'",
           "query.empty == ''",
           R"(consumer == "shop" and subject == "u1" and issuer == 'https://id.example')",
           R"(method == "PUT")",
           R"(method in ["POST", "PUT"])",
           R"("staff" in claims.groups)",
           R"(claims.groups contains "eu")",
           "claims.numbers contains 2.5",
           "1.0 in claims.numbers",
           "claims.age in [1, 42]",
           R"(claims.aud contains "orders")",
           R"("orders:read" in scopes and roles contains "admin" and groups contains "eu")",
           "true",
           "'it\\'s' == \"it's\"",
       }) {
    EXPECT_EQ(outcome(holds), Expression::Outcome::yes) << holds;
  }
}

TEST_F(ExpressionTest, IsFalseWhereNothingCanBeCompared) {
  for (std::string_view fails : {
           "claims.none == 'x'",
           "claims.none != 'x'",
           "claims.none == claims.none",
           "claims.none != claims.none",
           "claims.nothing == claims.nothing",
           "claims.nothing != 1",
           "claims.realm == claims.realm",
           "claims.realm.none == 'x'",
           "claims.sub.inner == 'x'",
           "claims.none < 5",
           "claims.none >= 5",
           "claims.five == 5",
           "claims.five != 5",
           "claims.five < 6",
           "claims.age == '42'",
           "claims.age != '42'",
           "claims.admin == 'true'",
           "claims.admin != 'true'",
           "claims.sub",
           "claims.age",
           "claims.none",
           "claims.guest",
           "claims.groups == 'staff'",
           "claims.groups != 'staff'",
           "claims.groups == claims.groups",
           "claims.groups in [\"staff\"]",
           "claims.numbers contains '1'",
           "claims.aud contains 'order'",
           "claims.none contains 'x'",
           "claims.none in ['x']",
           "query.none == ''",
           "query.none != ''",
           "query.bare != 'x'",
           "header.none != 'x'",
           "path.none != 'x'",
           "client != 'x'",
           "false",
       }) {
    EXPECT_EQ(outcome(fails), Expression::Outcome::no) << fails;
  }
  // `not` turns that around like any other false.
  EXPECT_EQ(outcome("not (claims.none == 'x')"), Expression::Outcome::yes);
  EXPECT_EQ(outcome("not claims.none != 'x'"), Expression::Outcome::yes);
}

TEST_F(ExpressionTest, NotBindsBeforeAndBeforeOr) {
  struct Case {
    std::string_view text;
    bool holds;
  };
  const Case cases[] = {
      {"true or true and false", true},
      {"(true or true) and false", false},
      {"false and true or true", true},
      {"false and (true or true)", false},
      {"not false and false", false},
      {"not (false and false)", true},
      {"not true or true", true},
      {"not (true or true)", false},
      {"not not true", true},
      {"not claims.age == 41 and true", true},
      {"false or false or true and not false", true},
      {"((true) and ((not (false))))", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(outcome(c.text), c.holds ? Expression::Outcome::yes : Expression::Outcome::no)
        << c.text;
  }
}

TEST_F(ExpressionTest, WhatComesTwiceIsUnclear) {
  for (std::string_view text :
       {"query.twice == '1'", "query.twice != '1'", "not query.twice == '1'", "header.x-two == 'a'",
        "'a' in [\"b\"] or header.x-two == 'a'"}) {
    EXPECT_EQ(outcome(text), Expression::Outcome::unclear) << text;
  }
  EXPECT_EQ(outcome("true or query.twice == '1'"), Expression::Outcome::yes) << "not asked for";
  EXPECT_EQ(outcome("false and query.twice == '1'"), Expression::Outcome::no);
}

TEST_F(ExpressionTest, DecodesWhatStandsInThePath) {
  f_.request("GET", "/orders/auth0%7Cu+1");
  EXPECT_EQ(outcome("path.id == 'auth0|u+1'"), Expression::Outcome::yes);
}

TEST_F(ExpressionTest, AsksTheRouteWhereTheRuleHasNoPath) {
  Route route;
  route.path = PathTemplate::parse("/t/{tenant}/orders/{id}", nullptr).value();
  f_.x.route = &route;
  f_.x.path_parameters = {"acme", "7"};
  Facts facts(f_.x);
  EXPECT_EQ(parsed("path.tenant == 'acme' and path.id == '7'").evaluate(facts),
            Expression::Outcome::yes);
  EXPECT_EQ(parsed("path.other == '7'").evaluate(facts), Expression::Outcome::no);
}

TEST_F(ExpressionTest, NobodyHasNothing) {
  f_.x.identity.reset();
  for (std::string_view text : {"claims.sub == 'u1'", "consumer == 'shop'", "consumer != 'x'",
                                "'admin' in roles", "subject == path.id"}) {
    EXPECT_EQ(outcome(text), Expression::Outcome::no) << text;
  }
  EXPECT_EQ(outcome("path.id == 'u1'"), Expression::Outcome::yes);
}

TEST(ExpressionParser, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string_view text;
    std::size_t column;
    std::string_view message;
  };
  const Case cases[] = {
      {"", 1, "a value is missing before end"},
      {"   ", 4, "a value is missing before end"},
      {"claims.sub = 'x'", 12, "unexpected '='"},
      {"claims.sub == ", 15, "a value is missing before end"},
      {"claims.sub == 'x", 15, "no closing quote"},
      {"claims.sub == 'x\\n'", 17, "unknown escape"},
      {"claims.sub == 'x' 'y'", 19, "unexpected text"},
      {"claims.a && claims.b", 10, "unexpected '&'"},
      {"claims == 'x'", 1, "'claims' needs a name"},
      {"claims. == 'x'", 9, "needs a name here, not '=='"},
      {"claims[sub] == 'x'", 8, "needs a name here, not 'sub'"},
      {"claims['sub' == 'x'", 14, "']' is missing"},
      {"path == 'x'", 1, "'path' needs a name"},
      {"header['a b'] == 'x'", 7, "no name of a header"},
      {"consumer.name == 'x'", 9, "'consumer' has no parts"},
      {"consumr == 'x'", 1, "'consumr' is not known"},
      {"consumer", 9, "a comparison is missing"},
      {"query.x == 5", 9, "different types"},
      {"'5' == 5", 5, "different types"},
      {"true < false", 6, "have no order"},
      {"claims.a > true", 10, "have no order"},
      {"claims.a == ['x']", 10, "compared as a whole"},
      {"scopes == 'x'", 8, "compared as a whole"},
      {"method in 'PUT'", 8, "needs a list behind"},
      {"method contains 'P'", 8, "needs a list before"},
      {"['a'] in claims.b", 7, "a list is no item"},
      {"(true", 6, "')' is missing"},
      {"true)", 5, "unexpected ')'"},
      {"true and", 9, "a value is missing"},
      {"a.b == 1 == 2", 1, "'a' is not known"},
      {"claims.a == 1 == 2", 15, "unexpected '=='"},
      {"claims.a == 99999999999999999999", 13, "is no number"},
      {"claims.a == 1.2.3", 13, "is no number"},
      {"claims.a == 1x", 13, "is no number"},
      {"claims.a in []", 14, "a value is missing before ']'"},
      {"claims.a in [claims.b]", 14, "a value is missing before 'claims'"},
      {"\x01", 1, "unexpected character"},
  };
  for (const Case& c : cases) {
    auto parsed = Expression::parse(c.text);
    ASSERT_FALSE(parsed.has_value()) << c.text;
    EXPECT_EQ(parsed.error().column, c.column) << c.text;
    EXPECT_THAT(parsed.error().message, HasSubstr(std::string(c.message))) << c.text;
  }
}

TEST(ExpressionParser, IsBounded) {
  auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "true" + std::string(depth, ')');
  };
  EXPECT_TRUE(Expression::parse(nested(Expression::kDeepest - 1)).has_value());
  EXPECT_FALSE(Expression::parse(nested(Expression::kDeepest)).has_value());
  std::string many_nots;
  for (std::size_t i = 0; i < Expression::kDeepest; ++i) many_nots += "not ";
  EXPECT_FALSE(Expression::parse(many_nots + "true").has_value());

  std::string chain = "true";
  while (chain.size() + 9 <= Expression::kLongest) chain += " and true";
  EXPECT_TRUE(Expression::parse(chain).has_value()) << "length is no depth";
  EXPECT_FALSE(Expression::parse(std::string(Expression::kLongest + 1, ' ')).has_value());
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail
