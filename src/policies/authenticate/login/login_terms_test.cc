#include "policies/authenticate/login/login_terms.h"

#include <gtest/gtest.h>

namespace sallyport::policies::authenticate_detail {
namespace {

TEST(LoginTerms, CoverWhatAsksForNoMore) {
  const LoginTerms terms{.scopes = "openid profile email", .prompts = "login"};
  EXPECT_TRUE(terms.cover(terms));
  EXPECT_TRUE(terms.cover({.scopes = "email openid", .prompts = ""}));
  EXPECT_FALSE(terms.cover({.scopes = "openid phone", .prompts = ""}));
  EXPECT_FALSE(terms.cover({.scopes = "openid mail", .prompts = ""})) << "whole words count";
  EXPECT_FALSE(terms.cover({.scopes = "openid Email", .prompts = ""}));
  EXPECT_FALSE(terms.cover({.scopes = "openid", .prompts = "consent"}));
  EXPECT_FALSE(LoginTerms{}.cover({.scopes = "openid", .prompts = ""}))
      << "a session from before terms were written down";
}

TEST(LoginTerms, TogetherCoverBothAndRepeatNothing) {
  const LoginTerms one{.scopes = "openid profile", .prompts = ""};
  const LoginTerms other{.scopes = "openid email", .prompts = "login"};
  const LoginTerms both = one.with(other);
  EXPECT_EQ(both, (LoginTerms{.scopes = "openid profile email", .prompts = "login"}));
  EXPECT_TRUE(both.cover(one) && both.cover(other));
  EXPECT_EQ(both.with(one), both);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
