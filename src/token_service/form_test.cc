#include "token_service/form.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::token_service {
namespace {

TEST(Form, DecodesNamesAndValues) {
  const auto form = Form::parse("grant_type=client_credentials&scope=a+b%20c&%63lient_id=x%3Dy&");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("grant_type"), "client_credentials");
  EXPECT_EQ(form->get("scope"), "a b c");
  EXPECT_EQ(form->get("client_id"), "x=y");
  EXPECT_EQ(form->get("resource"), "");
}

TEST(Form, KeepsItsTextsWhenItIsMoved) {
  auto form = Form::parse("a=1");
  ASSERT_TRUE(form);
  const Form moved = std::move(*form);
  EXPECT_EQ(moved.get("a"), "1");
}

TEST(Form, TakesAnEmptyValueForNone) {
  const auto form = Form::parse("scope=&resource");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("scope"), "");
  EXPECT_EQ(form->get("resource"), "");
}

TEST(Form, RefusesWhatTwoReadersCouldReadDifferently) {
  std::string many;
  for (std::size_t i = 0; i <= Form::kMostParameters; ++i) many += "p" + std::to_string(i) + "=&";
  const std::string refused[] = {"a=1&a=1",
                                 "a=1&%61=2",
                                 "a=&a=1",
                                 "a=%",
                                 "a=%4",
                                 "a=%zz",
                                 "a=%00",
                                 "a=b%0a",
                                 "a=b\n",
                                 "a=\x7f",
                                 "a%0d=1",
                                 std::string("a=b\0c", 5),
                                 many,
                                 std::string(100, 'n') + "=1",
                                 "a=" + std::string(Form::kLongestValue + 1, 'v')};
  for (const std::string& body : refused) EXPECT_FALSE(Form::parse(body)) << body.substr(0, 40);
  EXPECT_TRUE(Form::parse("a=" + std::string(Form::kLongestValue, 'v')));
  many.erase(many.rfind('p'));
  EXPECT_TRUE(Form::parse(many));
}

}  // namespace
}  // namespace sallyport::token_service
