// What attackers send. Every case starts from a token that is good, so that each is refused for the
// reason it is meant to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "async/openssl_handles.h"
#include "jose/jws.h"
#include "jose/test_tokens.h"

namespace sallyport::jose {
namespace {

using testing::expectations;
using testing::key_for;
using testing::kGoodClaims;
using testing::public_set;
using testing::set_of;
using testing::sign;
using testing::verdict;

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"k1"})";

std::string good() { return sign(Algorithm::es256, kHeader, kGoodClaims); }

struct Split {
  std::string header;
  std::string payload;
  std::string signature;
};

Split split(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}

std::string with_header(std::string_view header) {
  return sign(Algorithm::es256, header, kGoodClaims);
}

std::string with_signature(std::string_view bytes) {
  const Split parts = split(good());
  return parts.header + "." + parts.payload + "." + base64url_encode(bytes);
}

class Attack : public ::testing::Test {
 protected:
  [[nodiscard]] std::string_view verdict_on(std::string_view token) const {
    return verdict(token, keys_);
  }
  const KeySet keys_ = public_set(Algorithm::es256);
};

TEST_F(Attack, TheTokenTheyStartFromIsGood) { EXPECT_EQ(verdict_on(good()), "good"); }

TEST_F(Attack, AlgorithmNoneInEverySpelling) {
  for (std::string_view name : {"none", "None", "NONE", "nOnE", "none ", " none", "no\\u006ee",
                                "nil", "", "null", "false", "0"}) {
    const std::string header = base64url_encode(R"({"alg":")" + std::string(name) + R"("})");
    const std::string payload = base64url_encode(kGoodClaims);
    for (const std::string& signature : {std::string(), split(good()).signature}) {
      EXPECT_EQ(verdict_on(header + "." + payload + "." + signature), "algorithm_not_allowed")
          << name;
    }
    EXPECT_EQ(verdict_on(header + "." + payload), "malformed") << name;
  }
}

TEST_F(Attack, AlgorithmOfAnotherKind) {
  for (std::string_view header :
       {R"({"kid":"k1"})", R"({"alg":null,"kid":"k1"})", R"({"alg":["ES256"],"kid":"k1"})",
        R"({"alg":256,"kid":"k1"})", R"({"alg":true,"kid":"k1"})", R"({"alg":{},"kid":"k1"})",
        R"({"alg":"es256","kid":"k1"})", R"({"alg":"ES256\u0000","kid":"k1"})",
        R"({"alg":"ES384","kid":"k1"})", R"({"alg":"RS256","kid":"k1"})",
        R"({"alg":"EdDSA","kid":"k1"})", R"({"alg":"HS256","kid":"k1"})"}) {
    EXPECT_EQ(verdict_on(with_header(header)), "algorithm_not_allowed") << header;
  }
}

// The public key as everybody has it, used as a secret.
TEST(ConfusionAttack, PublicKeysAreNoSecrets) {
  const async::KeyHandle pair(EVP_RSA_gen(2048));
  const async::BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), pair.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  const std::string pem(data, static_cast<std::size_t>(size));
  const KeySet keys = set_of(Key::from_pem(pem, "k1").value());
  const std::string input =
      base64url_encode(R"({"alg":"HS256","kid":"k1"})") + "." + base64url_encode(kGoodClaims);
  for (const std::string& secret : {pem, pem.substr(0, pem.size() - 1)}) {
    std::array<unsigned char, 32> mac{};
    std::size_t written = 0;
    ASSERT_NE(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(),
                        reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                        mac.data(), mac.size(), &written),
              nullptr);
    const std::string_view code(reinterpret_cast<const char*>(mac.data()), written);
    EXPECT_EQ(verdict(input + "." + base64url_encode(code), keys), "algorithm_not_allowed");
  }
  EXPECT_FALSE(Key::from_secret(pem, "k1").has_value()) << "nor can one be configured as such";
}

TEST(ConfusionAttack, HashesAndPaddingsOfRsaAreNotExchanged) {
  const KeySet keys = public_set(Algorithm::ps256);
  for (Algorithm other : {Algorithm::rs256, Algorithm::ps384, Algorithm::rs512}) {
    // The same numbers, signing with what they are not for.
    const std::string header = R"({"alg":")" + std::string(name_of(other)) + R"(","kid":"k1"})";
    EXPECT_EQ(verdict(sign(other, header, kGoodClaims), keys), "algorithm_not_allowed");
  }
  const std::string claimed = R"({"alg":"PS256","kid":"k1"})";
  EXPECT_EQ(verdict(sign(Algorithm::rs256, claimed, kGoodClaims), keys), "bad_signature");
}

TEST_F(Attack, KeyIdsThatWantToBeMore) {
  for (std::string_view kid : {"../../dev/null", "/dev/null", "k1' OR '1'='1", "k1\\u0000", "K1",
                               "k1 ", "", "https://evil.example/jwks.json", "|ls", "k1\\nk2"}) {
    const std::string header = R"({"alg":"ES256","kid":")" + std::string(kid) + "\"}";
    EXPECT_EQ(verdict_on(with_header(header)), "unknown_key") << kid;
  }
  for (std::string_view kid : {"null", "1", "[\"k1\"]", "{}", "true"}) {
    const std::string header = R"({"alg":"ES256","kid":)" + std::string(kid) + "}";
    EXPECT_EQ(verdict_on(with_header(header)), "malformed") << kid;
  }
}

TEST_F(Attack, KeysThatComeWithTheToken) {
  const Key evil = Key::generate(Algorithm::es256, "k1").value();
  const std::string jwk = evil.to_public_jwk();
  for (const std::string& more :
       {R"("jwk":)" + jwk, std::string(R"("jku":"https://evil.example/jwks.json")"),
        std::string(R"("x5u":"https://evil.example/cert.pem")"), std::string(R"("x5c":["MIIB"])"),
        std::string(R"("x5t":"AAAA","x5t#S256":"AAAA")")}) {
    for (std::string_view kid : {R"("kid":"k1",)", ""}) {
      const std::string header = R"({"alg":"ES256",)" + std::string(kid) + more + "}";
      EXPECT_EQ(verdict_on(sign(evil, Algorithm::es256, header, kGoodClaims)), "bad_signature")
          << header;
      EXPECT_EQ(verdict_on(with_header(header)), "good") << "not looked at: " << header;
    }
  }
}

TEST_F(Attack, HeadersThatAreReadTwoWays) {
  for (std::string_view header :
       {R"({"alg":"none","alg":"ES256","kid":"k1"})", R"({"alg":"ES256","alg":"none","kid":"k1"})",
        R"({"alg":"ES256","kid":"k1","kid":"k2"})", R"({"alg":"ES256","\u0061lg":"none"})",
        R"({"alg":"ES256","kid":"k1","x":{"a":1,"a":2}})"}) {
    EXPECT_EQ(verdict_on(with_header(header)), "malformed") << header;
  }
}

TEST_F(Attack, ClaimsThatAreReadTwoWays) {
  for (std::string_view claims :
       {R"({"iss":"issuer","aud":"us","exp":1700000600,"exp":1})",
        R"({"iss":"evil","iss":"issuer","aud":"us","exp":1700000600})",
        R"({"iss":"issuer","aud":"us","\u0061ud":"x","exp":1700000600})"}) {
    EXPECT_EQ(verdict_on(sign(Algorithm::es256, kHeader, claims)), "malformed") << claims;
  }
}

TEST_F(Attack, ExtensionsThatHaveToBeUnderstood) {
  for (std::string_view more : {R"("crit":["exp"],"exp":1)", R"("crit":["b64"],"b64":false)",
                                R"("b64":false)", R"("b64":true)", R"("crit":[])", R"("crit":null)",
                                R"("crit":"exp")", R"("crit":["alg"])"}) {
    const std::string header = R"({"alg":"ES256","kid":"k1",)" + std::string(more) + "}";
    EXPECT_EQ(verdict_on(with_header(header)), "unsupported") << header;
  }
}

TEST_F(Attack, SignaturesThatAreNone) {
  const std::string bytes = base64url_decode(split(good()).signature).value();
  const std::string r = bytes.substr(0, 32);
  const std::string s = bytes.substr(32);
  const std::string zero(32, '\0');
  // The order of the group.
  const std::string order = base64url_decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").value();
  for (const std::string& changed :
       {std::string(), bytes.substr(0, 63), bytes + '\0', '\0' + bytes, r, s, s + r, zero + zero,
        zero + s, r + zero, order + s, r + order, order + order, std::string(64, '\xFF'),
        std::string("\x30\x06\x02\x01\x01\x02\x01\x01", 8), bytes + bytes}) {
    EXPECT_EQ(verdict_on(with_signature(changed)), "bad_signature") << changed.size();
  }
  EXPECT_EQ(verdict_on(with_signature(std::string(1025, 'a'))), "malformed") << "beyond any key";
}

TEST_F(Attack, DerInPlaceOfTwoNumbers) {
  const async::KeyHandle pair(EVP_EC_gen("P-256"));
  const Split parts = split(good());
  const std::string input = parts.header + "." + parts.payload;
  const std::unique_ptr<EVP_MD_CTX, async::FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pair.get()), 1);
  std::string der(80, '\0');
  std::size_t size = der.size();
  ASSERT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                           reinterpret_cast<const unsigned char*>(input.data()), input.size()),
            1);
  der.resize(size);
  const async::BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), pair.get());
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  const KeySet keys = set_of(Key::from_pem({data, static_cast<std::size_t>(length)}, "k1").value());
  EXPECT_EQ(verdict(input + "." + base64url_encode(der), keys), "bad_signature");
}

TEST_F(Attack, KeysOfAnotherCurve) {
  for (Algorithm other : {Algorithm::es384, Algorithm::es512, Algorithm::eddsa}) {
    EXPECT_EQ(verdict_on(sign(other, kHeader, kGoodClaims)), "bad_signature") << name_of(other);
  }
}

TEST_F(Attack, SpellingsOfTheSameToken) {
  const Split parts = split(good());
  const std::string token = good();
  for (const std::string& changed : {token + "=",
                                     token + "==",
                                     token + "\n",
                                     " " + token,
                                     token + " ",
                                     token + ".",
                                     token + "..",
                                     "." + token,
                                     token + ".e30",
                                     parts.header + "=." + parts.payload + "." + parts.signature,
                                     parts.header + "." + parts.payload + "=." + parts.signature,
                                     parts.header + ".." + parts.signature + ".",
                                     parts.header + "\n." + parts.payload + "." + parts.signature,
                                     std::string(),
                                     std::string("."),
                                     std::string(".."),
                                     std::string("..."),
                                     "Bearer " + token,
                                     token + "," + token,
                                     "{\"payload\":\"" + parts.payload + "\"}"}) {
    EXPECT_EQ(verdict_on(changed), "malformed") << changed;
  }
  // A last character whose spare bits are set decodes to the same bytes elsewhere.
  std::string spare = token;
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  spare.back() = digits[digits.find(spare.back()) + 1];
  EXPECT_EQ(verdict_on(spare), "malformed");
}

TEST_F(Attack, PartsOfOtherTokens) {
  const Split mine = split(good());
  const Split other = split(sign(Algorithm::es256, R"({"alg":"ES256","kid":"k1","x":1})",
                                 R"({"iss":"issuer","aud":"us","sub":"bob","exp":1700000600})"));
  EXPECT_EQ(verdict_on(mine.header + "." + other.payload + "." + mine.signature), "bad_signature");
  EXPECT_EQ(verdict_on(other.header + "." + mine.payload + "." + mine.signature), "bad_signature");
  EXPECT_EQ(verdict_on(mine.header + "." + mine.payload + "." + other.signature), "bad_signature");
  EXPECT_EQ(verdict_on(mine.header + "." + mine.payload + "."), "bad_signature");
}

TEST_F(Attack, TimesThatAreNoTimes) {
  auto with = [](std::string_view time) {
    return sign(Algorithm::es256, kHeader,
                R"({"iss":"issuer","aud":"us","exp":)" + std::string(time) + "}");
  };
  for (std::string_view time :
       {"\"1700000600\"", "null", "true", "[1700000600]", "{}", "1e300", "-1e300", "253402300801",
        "18446744073709551615", "9223372036854775807", "\"never\"", "\"\""}) {
    EXPECT_EQ(verdict_on(with(time)), "invalid_claim") << time;
  }
  for (std::string_view time : {"-1", "0", "-0", "1", "1699999969", "1.7e3", "-62135596800"}) {
    EXPECT_EQ(verdict_on(with(time)), "expired") << time;
  }
  for (std::string_view time : {"NaN", "Infinity", "-Infinity", "1e400", "0x7fffffff", "01",
                                "1700000600.", "99999999999999999999999999"}) {
    EXPECT_EQ(verdict_on(with(time)), "malformed") << time;
  }
}

TEST_F(Attack, DocumentsThatAreNone) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"text\""),
        std::string("1"), std::string("{"), std::string("{}{}"), std::string("{\"a\":\"\xFF\"}"),
        std::string("\xEF\xBB\xBF{}"), std::string(R"({"a":"\ud800"})"), "{\"a\":" + deep + "}",
        std::string("{'alg':'ES256'}"), std::string("{\"a\":1,}")}) {
    EXPECT_EQ(verdict_on(with_header(text)), "malformed") << text;
    EXPECT_EQ(verdict_on(sign(Algorithm::es256, kHeader, text)), "malformed") << text;
  }
}

TEST_F(Attack, TokensThatAreTooLarge) {
  const std::string large = sign(
      Algorithm::es256, kHeader,
      R"({"iss":"issuer","aud":"us","exp":1700000600,"x":")" + std::string(12 * 1024, 'x') + "\"}");
  EXPECT_EQ(verdict_on(large), "too_large");
  Expectations more = expectations();
  more.max_size = 20 * 1024;
  EXPECT_EQ(verdict(large, keys_, more), "good");
}

TEST_F(Attack, OtherSerialisations) {
  const Split parts = split(good());
  EXPECT_EQ(verdict_on(R"({"payload":")" + parts.payload + R"(","protected":")" + parts.header +
                       R"(","signature":")" + parts.signature + "\"}"),
            "malformed");
  // Five parts: encrypted.
  EXPECT_EQ(verdict_on(parts.header + ".a." + parts.payload + ".b." + parts.signature),
            "malformed");
}

TEST_F(Attack, TokensOfAnotherPurpose) {
  for (std::string_view type :
       {"dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "application/json", "application/x/jwt",
        "application/", "", "at+jwt;v=1", "JWT "}) {
    const std::string header = R"({"alg":"ES256","kid":"k1","typ":")" + std::string(type) + "\"}";
    EXPECT_EQ(verdict_on(with_header(header)), "wrong_type") << type;
  }
}

TEST_F(Attack, ATokenTellsNothingInItsRefusal) {
  const Split parts = split(good());
  Expectations others = expectations();
  others.audiences = {"others"};
  const std::string bad = with_signature(std::string(64, 'a'));
  for (const std::string& token : {good(), bad, good() + "=", "." + good()}) {
    const auto verified = verify(token, keys_, others, testing::kNow);
    ASSERT_FALSE(verified.has_value());
    for (const std::string& secret : {parts.header, parts.payload, parts.signature}) {
      EXPECT_THAT(verified.error().sentence, ::testing::Not(::testing::HasSubstr(secret)));
    }
  }
}

TEST_F(Attack, WhatIsQuotedIsShortAndPrintable) {
  const std::string header =
      R"({"alg":"ES256","kid":"\u001b[31m\r\n)" + std::string(500, 'x') + "\"}";
  const auto verified = verify(with_header(header), keys_, expectations(), testing::kNow);
  ASSERT_FALSE(verified.has_value());
  EXPECT_LT(verified.error().sentence.size(), 150U);
  for (char c : verified.error().sentence) EXPECT_TRUE(c >= ' ' && c <= '~');
}

}  // namespace
}  // namespace sallyport::jose
