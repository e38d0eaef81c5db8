#include "policies/authenticate/proof/form.h"

#include <gtest/gtest.h>

namespace sallyport::policies::authenticate_detail {
namespace {

TEST(Form, ReadsWhatBrowsersAndProvidersSend) {
  const auto form = Form::parse("state=a%2Bb&code=x+y&&empty=&flag&%73=1");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("state"), "a+b");
  EXPECT_EQ(form->get("code"), "x y");
  EXPECT_EQ(form->get("empty"), "");
  EXPECT_EQ(form->get("flag"), "");
  EXPECT_EQ(form->get("s"), "1");
  EXPECT_EQ(form->get("missing"), "");
  EXPECT_TRUE(Form::parse(""));
}

TEST(Form, RefusesWhatCouldBeReadInTwoWays) {
  for (std::string_view text :
       {"a=%", "a=%1", "a=%zz", "a=%4", "%g0=1", "a=1&a=2", "a=1&%61=2", "a&a", "a=1&b=2&a="}) {
    EXPECT_FALSE(Form::parse(text)) << text;
  }
}

TEST(Form, IsBounded) {
  std::string text;
  for (std::size_t i = 0; i < Form::kMost; ++i) text += 'n' + std::to_string(i) + "=1&";
  EXPECT_TRUE(Form::parse(text));
  EXPECT_FALSE(Form::parse(text + "more=1"));
}

TEST(Form, WritesWhatItReads) {
  std::string text;
  append_parameter(text, "a", "1 & 2=%\xc3\xa4\n");
  append_parameter(text, "b", "");
  const auto form = Form::parse(text);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->get("a"), "1 & 2=%\xc3\xa4\n");
  std::string url = "https://login.example.com/auth?";
  append_parameter(url, "x", "y");
  EXPECT_EQ(url, "https://login.example.com/auth?x=y");
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
