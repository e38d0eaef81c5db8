#include "jose/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jose/test_tokens.h"

namespace sallyport::jose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::key_for;

std::string jwk_with(Algorithm algorithm, std::string_view id) {
  std::string jwk = key_for(algorithm).to_public_jwk();
  const std::string from = "\"kid\":\"k1\",";
  const std::string to = id.empty() ? "" : "\"kid\":\"" + std::string(id) + "\",";
  return jwk.replace(jwk.find(from), from.size(), to);
}

// Another key than that of the tests each time.
std::string new_jwk(Algorithm algorithm, std::string_view id) {
  return Key::generate(algorithm, std::string(id)).value().to_public_jwk();
}

std::string secret_jwk(char byte, std::string_view id) {
  return R"({"kty":"oct","alg":"HS256","kid":")" + std::string(id) + R"(","k":")" +
         base64url_encode(std::string(32, byte)) + "\"}";
}

std::string jwks(const std::vector<std::string>& keys) {
  std::string text = "{\"keys\":[";
  for (const std::string& each : keys) text += (text.ends_with('[') ? "" : ",") + each;
  return text + "]}";
}

std::vector<std::string> ids(const Candidates& candidates) {
  std::vector<std::string> found;
  for (const Key* key : candidates) found.push_back(key->id());
  return found;
}

TEST(KeySet, FindsByIdAndAlgorithm) {
  const KeySet set =
      KeySet::from_jwks(jwks({jwk_with(Algorithm::es256, "a"), jwk_with(Algorithm::rs256, "b"),
                              jwk_with(Algorithm::eddsa, "c")}))
          .value();
  EXPECT_THAT(set.skipped(), IsEmpty());
  EXPECT_THAT(ids(set.find("a", Algorithm::es256)), ElementsAre("a"));
  EXPECT_THAT(ids(set.find("b", Algorithm::rs256)), ElementsAre("b"));
  EXPECT_THAT(ids(set.find("b", Algorithm::es256)), IsEmpty());
  EXPECT_TRUE(set.find("b", Algorithm::es256).id_is_known());
  EXPECT_FALSE(set.find("x", Algorithm::es256).id_is_known());
  EXPECT_THAT(ids(set.find(std::nullopt, Algorithm::eddsa)), ElementsAre("c"));
  EXPECT_THAT(ids(set.find("", Algorithm::eddsa)), IsEmpty());
}

TEST(KeySet, TriesKeysWithoutIdForEveryToken) {
  const KeySet set =
      KeySet::from_jwks(jwks({jwk_with(Algorithm::es256, ""), new_jwk(Algorithm::es256, "named")}))
          .value();
  EXPECT_THAT(ids(set.find("named", Algorithm::es256)), ElementsAre("named", ""));
  EXPECT_THAT(ids(set.find("other", Algorithm::es256)), ElementsAre(""));
  EXPECT_THAT(ids(set.find(std::nullopt, Algorithm::es256)), ElementsAre("", "named"));
}

TEST(KeySet, TriesFourKeysAtMost) {
  std::vector<std::string> keys;
  for (char id = 'a'; id < 'h'; ++id) keys.push_back(new_jwk(Algorithm::es256, {&id, 1}));
  const KeySet set = KeySet::from_jwks(jwks(keys)).value();
  EXPECT_THAT(ids(set.find(std::nullopt, Algorithm::es256)), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(ids(set.find("g", Algorithm::es256)), ElementsAre("g"));
}

TEST(KeySet, LeavesOutWhatItCannotUseAndSaysSo) {
  const KeySet set =
      KeySet::from_jwks(jwks({R"({"kty":"XYZ","kid":"new"})", jwk_with(Algorithm::es256, "a"),
                              R"({"kty":"RSA","use":"enc","kid":"e"})", "7", "{}"}))
          .value();
  EXPECT_EQ(set.keys().size(), 1U);
  EXPECT_THAT(set.skipped(),
              ElementsAre(HasSubstr("Key \"new\" is left out. Its kty is not known here."),
                          HasSubstr("Key \"e\" is left out. Its use is not \"sig\""),
                          HasSubstr("A key without kid is left out. It is no JSON object."),
                          HasSubstr("Its kty is missing")));
}

TEST(KeySet, FailsWhenNothingIsLeft) {
  struct Case {
    std::string text;
    std::string_view why;
  };
  const Case cases[] = {
      {"", "cannot be read"},
      {"[]", "no array \"keys\""},
      {"{}", "no array \"keys\""},
      {R"({"keys":{}})", "no array \"keys\""},
      {R"({"keys":[]})", "no key that can be used"},
      {R"({"keys":[],"keys":[]})", "twice"},
      {R"({"keys":[{"kty":"XYZ","kid":"n"}]})", "Key \"n\" is left out. Its kty is not known"},
  };
  for (const Case& each : cases) {
    const auto set = KeySet::from_jwks(each.text);
    ASSERT_FALSE(set.has_value()) << each.text;
    EXPECT_THAT(set.error(), HasSubstr(each.why)) << each.text;
  }
}

TEST(KeySet, LeavesOutKeysThatCouldBeTakenForEachOther) {
  const std::string one = jwk_with(Algorithm::es256, "same");
  const std::string other = new_jwk(Algorithm::es256, "same");
  const std::string third = new_jwk(Algorithm::es256, "own");
  const KeySet set = KeySet::from_jwks(jwks({one, third, other})).value();
  EXPECT_THAT(ids(set.find(std::nullopt, Algorithm::es256)), ElementsAre("own"));
  EXPECT_THAT(set.skipped(), ElementsAre(HasSubstr("has the same kid"), HasSubstr("same kid")));

  std::string broken = other;
  broken.replace(broken.find("\"y\":\"") + 5, 3, "===");
  EXPECT_FALSE(KeySet::from_jwks(jwks({one, broken})).has_value());
  EXPECT_FALSE(KeySet::from_jwks(jwks({secret_jwk('a', "s"), secret_jwk('b', "s")})).has_value());
}

TEST(KeySet, TakesTheSameIdForOtherAlgorithmsOrTheSameKey) {
  const KeySet several =
      KeySet::from_jwks(jwks({jwk_with(Algorithm::es256, "k"), jwk_with(Algorithm::rs256, "k"),
                              R"({"kty":"RSA","use":"enc","kid":"k"})"}))
          .value();
  EXPECT_EQ(several.keys().size(), 2U);
  const std::string one = jwk_with(Algorithm::es256, "k");
  EXPECT_EQ(KeySet::from_jwks(jwks({one, one}))->keys().size(), 1U);
  const std::string unnamed = jwk_with(Algorithm::es256, "");
  EXPECT_EQ(KeySet::from_jwks(jwks({unnamed, new_jwk(Algorithm::es256, "")}))->keys().size(), 2U);
}

TEST(KeySet, LeavesOutSecretsBesidePublicKeys) {
  const KeySet mixed =
      KeySet::from_jwks(jwks({secret_jwk('a', "s"), jwk_with(Algorithm::es256, "p")})).value();
  EXPECT_THAT(ids(mixed.find("s", Algorithm::hs256)), IsEmpty());
  EXPECT_THAT(mixed.skipped(), ElementsAre(HasSubstr("It is a secret in a set of public keys.")));
  const KeySet secrets =
      KeySet::from_jwks(jwks({secret_jwk('a', "s"), secret_jwk('b', "t")})).value();
  EXPECT_THAT(ids(secrets.find("t", Algorithm::hs256)), ElementsAre("t"));
}

TEST(KeySet, BoundsHowManyKeysItReads) {
  std::string text = "{\"keys\":[" + jwk_with(Algorithm::es256, "a");
  for (int i = 0; i < 1000; ++i) text += ",{}";
  EXPECT_THAT(KeySet::from_jwks(text + "]}").error(), HasSubstr("has 1001 keys"));
}

TEST(KeySet, OfConfiguredKeysIsTakenAsItIs) {
  std::vector<Key> keys;
  keys.push_back(Key::from_secret(std::string(32, 's'), "s").value());
  keys.push_back(testing::from_jwk(jwk_with(Algorithm::es256, "p")));
  const KeySet set = KeySet::of(std::move(keys));
  EXPECT_THAT(ids(set.find("s", Algorithm::hs256)), ElementsAre("s"));
  EXPECT_THAT(ids(set.find("p", Algorithm::es256)), ElementsAre("p"));
}

}  // namespace
}  // namespace sallyport::jose
