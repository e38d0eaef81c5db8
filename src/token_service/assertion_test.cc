#include "token_service/assertion.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "jose/jws.h"

namespace sallyport::token_service {
namespace {

const std::vector<std::string> kAudiences = {"https://gw", "https://gw/oauth/token"};
constexpr jose::Time kNow{std::chrono::seconds(1'000'000)};

class Assertions : public ::testing::Test {
 protected:
  Assertions() : keys_(keys_of(key_)) {}

  static jose::KeySet keys_of(const jose::Key& key) {
    return std::move(*jose::KeySet::from_jwks("{\"keys\":[" + key.to_public_jwk() + "]}"));
  }
  std::string sign(std::string_view claims) {
    return *jose::sign_compact(key_, jose::Algorithm::es256, "JWT", claims);
  }
  // "good", or why not.
  std::string judged(const std::string& assertion) {
    const auto found = verify_assertion(assertion, "web", keys_, kAudiences, kNow);
    return found ? "good" : found.error();
  }

  jose::Key key_ = std::move(*jose::Key::generate(jose::Algorithm::es256, "k"));
  jose::KeySet keys_;
};

TEST_F(Assertions, AreForUsAloneAndNotForLong) {
  struct Case {
    std::string_view claims, judged;
  };
  const Case cases[] = {
      {R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000060,"jti":"1"})", "good"},
      {R"({"iss":"web","sub":"web","aud":["https://gw/oauth/token"],"exp":1000060,"jti":"1"})",
       "good"},
      {R"({"iss":"web","sub":"web","aud":["https://gw","https://evil"],"exp":1000060,"jti":"1"})",
       "it is for others, too: \"https://evil\""},
      {R"({"iss":"web","sub":"web","aud":["https://gw",7],"exp":1000060,"jti":"1"})", "!"},
      {R"({"iss":"web","sub":"web","aud":[],"exp":1000060,"jti":"1"})", "!"},
      {R"({"iss":"web","sub":"other","aud":"https://gw","exp":1000060,"jti":"1"})",
       "its sub is not its iss"},
      {R"({"iss":"other","sub":"web","aud":"https://gw","exp":1000060,"jti":"1"})", "!"},
      {R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000601,"jti":"1"})",
       "it is good for more than ten minutes"},
      {R"({"iss":"web","sub":"web","aud":"https://gw","exp":999900,"jti":"1"})", "!"},
      {R"({"iss":"web","sub":"web","aud":"https://gw","jti":"1"})", "!"},
      {R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000060})", "!"},
      {R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000060,"jti":7})", "!"},
      {R"({"iss":"web","aud":"https://gw","exp":1000060,"jti":"1"})", "!"},
  };
  for (const Case& c : cases) {
    const std::string found = judged(sign(c.claims));
    if (c.judged == "!") {
      EXPECT_NE(found, "good") << c.claims;
    } else {
      EXPECT_EQ(found, c.judged) << c.claims;
    }
  }
}

TEST_F(Assertions, AreRememberedForAsLongAsAnyClockTakesThemForGood) {
  const auto found = verify_assertion(
      sign(R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000060,"jti":"x"})"), "web", keys_,
      kAudiences, kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "x");
  EXPECT_EQ(found->until, jose::Time(std::chrono::seconds(1'000'090)));
}

TEST_F(Assertions, OfASecretAreRefused) {
  constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
  std::vector<jose::Key> keys;
  keys.push_back(std::move(*jose::Key::from_secret(kSecret, "")));
  const jose::KeySet set = jose::KeySet::of(std::move(keys));
  const jose::Key signer = std::move(*jose::Key::from_secret(kSecret, ""));
  const auto assertion =
      jose::sign_compact(signer, jose::Algorithm::hs256, "JWT",
                         R"({"iss":"web","sub":"web","aud":"https://gw","exp":1000060,"jti":"1"})");
  EXPECT_FALSE(verify_assertion(*assertion, "web", set, kAudiences, kNow));
}

TEST_F(Assertions, SayWhoseTheyClaimToBe) {
  EXPECT_EQ(claimed_subject(sign(R"({"sub":"web"})")), "web");
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b.c"),
        std::string("a.e30"), sign(R"({"sub":7})"), sign("[]"), sign(R"({"sub":"a","sub":"b"})"),
        std::string(kLongestAssertion + 1, 'a')}) {
    EXPECT_FALSE(claimed_subject(text)) << text.substr(0, 60);
  }
}

}  // namespace
}  // namespace sallyport::token_service
