#include "policy/own_cookies.h"

#include <gtest/gtest.h>

#include "policy/exchange_fixture.h"

namespace sallyport {
namespace {

using testing::ExchangeFixture;

OwnCookies cookies_of(const std::vector<std::string>& names) {
  schema::Diagnostics diagnostics;
  schema::LoadScope scope;
  schema::Context context(diagnostics, "", &scope);
  for (const std::string& name : names) {
    OwnCookies::note(context, name);
    OwnCookies::note(context, name);
  }
  return OwnCookies::of(scope);
}

std::string left_of(const OwnCookies& ours, std::string_view cookies) {
  ExchangeFixture f;
  f.header("Cookie", cookies);
  ours.strip(f.x.request, f.x.arena);
  return f.request_values("Cookie");
}

TEST(OwnCookies, GoNowhereAndOthersGoOn) {
  const OwnCookies ours = cookies_of({"__Host-a", "__Host-b"});
  EXPECT_EQ(left_of(ours, "__Host-a=1"), "(none)");
  EXPECT_EQ(left_of(ours, "x=1; __Host-a=1; y=2;__Host-a.1=3; __Host-b.login.x=4; z"),
            "x=1; y=2; z");
  EXPECT_EQ(left_of(ours, "__Host-ab=1; a=2; __host-a=3"), "__Host-ab=1; a=2; __host-a=3");
}

TEST(OwnCookies, SeveralFieldsAreOne) {
  ExchangeFixture f;
  f.header("Cookie", "a=1; __Host-a=2").header("cookie", "__Host-a=3; b=4");
  cookies_of({"__Host-a"}).strip(f.x.request, f.x.arena);
  EXPECT_EQ(f.request_values("Cookie"), "a=1; b=4");
}

TEST(OwnCookies, WithoutAnyNothingIsTouched) {
  EXPECT_EQ(left_of(cookies_of({}), "a=1;b=2"), "a=1;b=2");
}

}  // namespace
}  // namespace sallyport
