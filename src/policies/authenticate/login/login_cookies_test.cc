#include "policies/authenticate/login/login_cookies.h"

#include <gtest/gtest.h>

#include <map>

#include "base/base64url.h"
#include "base/clock.h"
#include "policy/exchange_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using testing::ExchangeFixture;

store::KeyRing ring(char key) {
  return store::KeyRing(*store::MasterKey::from_text(std::string(64, key), "test"));
}

LoginCookies cookies(char key = 'a', const std::string& purpose = "test") {
  return {LoginCookieSettings{}, ring(key), purpose};
}

// A browser, as far as it keeps what it is sent.
class Jar {
 public:
  void take(const std::vector<std::string>& set) {
    for (const std::string& text : set) {
      const std::size_t equals = text.find('=');
      const std::string name = text.substr(0, equals);
      const std::string value = text.substr(equals + 1, text.find(';') - equals - 1);
      if (text.contains("Max-Age=0")) {
        kept.erase(name);
      } else {
        kept[name] = value;
      }
    }
  }
  void send(ExchangeFixture& f) const {
    std::string all = "other=1";
    for (const auto& [name, value] : kept) all += "; " + name + '=' + value;
    f.header("Cookie", all);
  }

  std::map<std::string, std::string> kept;
};

std::string opened(const LoginCookies& ours, const Jar& jar) {
  ExchangeFixture f;
  jar.send(f);
  const auto found = ours.find_session(f.x);
  if (found.malformed) return "(malformed)";
  return std::string(ours.open_session(f.x, found.sealed).view());
}

TEST(LoginCookies, GiveBackWhatTheySealed) {
  const LoginCookies ours = cookies();
  for (std::size_t size : {1U, 100U, 2200U, 2300U, 4400U}) {
    ExchangeFixture f;
    Jar jar;
    const std::string text(size, 's');
    jar.take(ours.session(f.x, text, 0).value());
    EXPECT_EQ(jar.kept.size(), size > 2220 ? 2U : 1U) << size;
    EXPECT_EQ(opened(ours, jar), text);
    for (const auto& [name, value] : jar.kept) {
      EXPECT_TRUE(ours.is_ours(name));
      EXPECT_LT(name.size() + value.size(), 4096U);
    }
  }
}

TEST(LoginCookies, ASessionTooLargeIsNotSealed) {
  ExchangeFixture f;
  EXPECT_FALSE(cookies().session(f.x, std::string(4500, 's'), 0));
}

TEST(LoginCookies, ASmallerSessionLeavesNoPieceBehind) {
  const LoginCookies ours = cookies();
  ExchangeFixture f;
  Jar jar;
  jar.take(ours.session(f.x, std::string(4000, 's'), 0).value());
  EXPECT_EQ(jar.kept.size(), 2U);
  jar.take(ours.session(f.x, "small", 2).value());
  EXPECT_EQ(jar.kept.size(), 1U);
  EXPECT_EQ(opened(ours, jar), "small");
  jar.take(ours.no_session(1));
  EXPECT_TRUE(jar.kept.empty());
}

TEST(LoginCookies, NothingElseOpens) {
  const LoginCookies ours = cookies();
  ExchangeFixture f;
  Jar good;
  good.take(ours.session(f.x, "a session", 0).value());
  const std::string value = good.kept.begin()->second;
  EXPECT_EQ(opened(cookies('b'), good), "");
  EXPECT_EQ(opened(cookies('a', "another client"), good), "");
  for (std::size_t i = 0; i < value.size(); ++i) {
    Jar bad = good;
    char& c = bad.kept.begin()->second[i];
    c = c == 'A' ? 'B' : 'A';
    EXPECT_NE(opened(ours, bad), "a session") << i;
    bad.kept.begin()->second = value.substr(0, i);
    EXPECT_NE(opened(ours, bad), "a session") << i;
  }
}

TEST(LoginCookies, ABegunLoginIsNoSessionAndNoSessionALogin) {
  const LoginCookies ours = cookies();
  ExchangeFixture f;
  const BegunLogin login{.secret = "x", .origin = "https://a", .return_to = "/", .started = 1};
  const std::string begun = ours.login(f.x, login).front();
  const std::string sealed =
      begun.substr(begun.find('=') + 1, begun.find(';') - begun.find('=') - 1);
  EXPECT_EQ(ours.open_session(f.x, sealed).view(), "");
  const std::string session = ours.session(f.x, login.text(), 0)->front();
  ExchangeFixture g;
  Jar jar;
  jar.kept[begun.substr(0, begun.find('='))] =
      session.substr(session.find('=') + 3, session.find(';') - session.find('=') - 3);
  jar.send(g);
  EXPECT_FALSE(ours.find_login(g.x, login.state()));
}

TEST(LoginCookies, PiecesHaveToBeWholeAndOnce) {
  const LoginCookies ours = cookies();
  ExchangeFixture f;
  Jar two;
  two.take(ours.session(f.x, std::string(4000, 's'), 0).value());
  Jar first = two;
  first.kept.erase("__Host-sallyport.1");
  EXPECT_EQ(opened(ours, first), "(malformed)");
  Jar second = two;
  second.kept.erase("__Host-sallyport");
  EXPECT_EQ(opened(ours, second), "(malformed)");
  ExchangeFixture g;
  two.send(g);
  two.send(g);
  EXPECT_TRUE(ours.find_session(g.x).malformed);
}

TEST(LoginCookies, ALoginIsFoundByItsStateWhileItIsYoung) {
  const LoginCookies ours = cookies();
  const std::int64_t now = wall_milliseconds();
  ExchangeFixture f;
  Jar jar;
  const BegunLogin young{
      .secret = "young", .origin = "https://a", .return_to = "/x?y", .started = now};
  const BegunLogin old{.secret = "old",
                       .origin = "https://a",
                       .return_to = "/",
                       .started = now - BegunLogin::kLifetime - 1000};
  jar.take(ours.login(f.x, young));
  jar.take(ours.login(f.x, old));
  ExchangeFixture g;
  jar.send(g);
  const auto found = ours.find_login(g.x, young.state());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->return_to, "/x?y");
  EXPECT_EQ(found->nonce(), young.nonce());
  EXPECT_EQ(found->verifier(), young.verifier());
  EXPECT_FALSE(ours.find_login(g.x, old.state()));
  for (std::string_view state : {"", "short", "another one that is long enough to be a state"}) {
    EXPECT_FALSE(ours.find_login(g.x, state)) << state;
  }
  EXPECT_FALSE(ours.find_login(g.x, young.state() + "x"));
  EXPECT_NE(young.state(), young.nonce());
  EXPECT_NE(young.nonce(), young.verifier());
  EXPECT_EQ(young.verifier().size(), 43U);  // RFC 7636 section 4.1
}

TEST(LoginCookies, TheOldestLoginsGoWhenThereAreMany) {
  const LoginCookies ours = cookies();
  Jar jar;
  std::string last;
  for (int i = 0; i < 9; ++i) {
    ExchangeFixture f;
    jar.send(f);
    const BegunLogin login{.secret = std::to_string(i),
                           .origin = "https://a",
                           .return_to = "/",
                           .started = wall_milliseconds() + i};
    jar.take(ours.login(f.x, login));
    last = login.state();
    EXPECT_LE(jar.kept.size(), LoginCookies::kMostLogins);
  }
  ExchangeFixture f;
  jar.send(f);
  EXPECT_TRUE(ours.find_login(f.x, last));
}

TEST(LoginCookies, WithoutAKeyThereAreNone) {
  const LoginCookies ours(LoginCookieSettings{}, std::nullopt, "test");
  ExchangeFixture f;
  EXPECT_FALSE(ours.has_keys(f.x));
  EXPECT_FALSE(ours.session(f.x, "text", 0));
  EXPECT_TRUE(ours.login(f.x, {}).empty());
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
