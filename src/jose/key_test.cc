#include "jose/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "jose/key_state.h"
#include "jose/test_tokens.h"

namespace sallyport::jose {
namespace {

using testing::from_jwk;
using ::testing::HasSubstr;
using testing::key_for;
using testing::refusal;

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string public_pem(EVP_PKEY* pair) {
  const async::BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), pair);
  return text_in(bio.get());
}

std::string private_pem(EVP_PKEY* pair, const EVP_CIPHER* cipher = nullptr) {
  const async::BioHandle bio(BIO_new(BIO_s_mem()));
  const std::string passphrase = cipher != nullptr ? "secret" : "";
  PEM_write_bio_PKCS8PrivateKey(bio.get(), pair, cipher, passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  return text_in(bio.get());
}

std::string certificate_pem(EVP_PKEY* pair) {
  const async::X509Handle certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), pair);
  X509_sign(certificate.get(), pair, EVP_sha256());
  const async::BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  return text_in(bio.get());
}

TEST(Key, SignsWhatItsPublicHalfVerifies) {
  AlgorithmSet::all().for_each([](Algorithm algorithm) {
    const Key& key = key_for(algorithm);
    const std::string signature = key.sign(algorithm, "input").value();
    EXPECT_TRUE(key.verify(algorithm, "input", signature)) << name_of(algorithm);
    EXPECT_FALSE(key.verify(algorithm, "other", signature)) << name_of(algorithm);
    EXPECT_EQ(key.is_secret(), family_of(algorithm) == Family::hmac);
    if (key.is_secret()) return;
    const Key half = from_jwk(key.to_public_jwk());
    EXPECT_TRUE(half.verify(algorithm, "input", signature)) << name_of(algorithm);
    EXPECT_FALSE(half.can_sign());
    EXPECT_FALSE(half.sign(algorithm, "input").has_value());
    EXPECT_EQ(half.thumbprint(), key.thumbprint());
    EXPECT_EQ(half.algorithms(), AlgorithmSet{algorithm});
  });
}

TEST(Key, MayBeUsedWithItsOwnAlgorithmsOnly) {
  AlgorithmSet::all().for_each([](Algorithm of_key) {
    AlgorithmSet::all().for_each([of_key](Algorithm other) {
      if (of_key == other) return;
      const std::string signature = key_for(of_key).sign(of_key, "input").value();
      EXPECT_FALSE(key_for(of_key).verify(other, "input", signature));
      EXPECT_FALSE(key_for(of_key).sign(other, "input").has_value());
      EXPECT_FALSE(key_for(other).verify(of_key, "input", signature));
    });
  });
}

TEST(Key, RefusesSignaturesThatAreChangedInAnyBit) {
  for (Algorithm algorithm : {Algorithm::hs256, Algorithm::es256, Algorithm::eddsa}) {
    const Key& key = key_for(algorithm);
    const std::string good = key.sign(algorithm, "input").value();
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      std::string changed = good;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      EXPECT_FALSE(key.verify(algorithm, "input", changed)) << name_of(algorithm) << ' ' << bit;
    }
  }
}

TEST(Key, RefusesSignaturesOfAnotherLength) {
  AlgorithmSet::all().for_each([](Algorithm algorithm) {
    const Key& key = key_for(algorithm);
    const std::string good = key.sign(algorithm, "input").value();
    for (const std::string& other :
         {std::string(), good.substr(1), good.substr(0, good.size() - 1), good + '\0', '\0' + good,
          good + good, good.substr(0, good.size() / 2), std::string(good.size(), '\0')}) {
      EXPECT_FALSE(key.verify(algorithm, "input", other)) << name_of(algorithm) << other.size();
    }
  });
}

TEST(Key, LeavesNoErrorBehindForOthers) {
  EXPECT_FALSE(
      key_for(Algorithm::es256).verify(Algorithm::es256, "input", std::string(64, '\x01')));
  EXPECT_FALSE(key_for(Algorithm::rs256).verify(Algorithm::rs256, "input", std::string(384, 'a')));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Key, ReadsPemAndCertificates) {
  const async::KeyHandle pair(EVP_EC_gen("P-256"));
  const Key signing =
      Key::from_pem(private_pem(pair.get()), "k", AlgorithmSet::all(), Purpose::sign).value();
  const std::string signature = signing.sign(Algorithm::es256, "input").value();
  for (const std::string& pem : {public_pem(pair.get()), certificate_pem(pair.get()),
                                 "some words\n" + public_pem(pair.get())}) {
    const auto key = Key::from_pem(pem, "id");
    ASSERT_TRUE(key.has_value()) << key.error();
    EXPECT_EQ(key->id(), "id");
    EXPECT_EQ(key->algorithms(), AlgorithmSet{Algorithm::es256});
    EXPECT_TRUE(key->verify(Algorithm::es256, "input", signature));
  }
}

TEST(Key, RsaFromPemIsNarrowedToWhatIsAskedFor) {
  const async::KeyHandle pair(EVP_RSA_gen(2048));
  EXPECT_EQ(to_text(Key::from_pem(public_pem(pair.get()), "")->algorithms()),
            "RS256, RS384, RS512, PS256, PS384, PS512");
  EXPECT_EQ(Key::from_pem(public_pem(pair.get()), "", {Algorithm::ps256})->algorithms(),
            AlgorithmSet{Algorithm::ps256});
  EXPECT_THAT(Key::from_pem(public_pem(pair.get()), "", {Algorithm::es256}).error(),
              HasSubstr("is to be used with ES256"));
}

TEST(Key, RefusesPemThatHoldsSomethingElse) {
  const async::KeyHandle pair(EVP_EC_gen("P-256"));
  const std::string encrypted = private_pem(pair.get(), EVP_aes_128_cbc());
  EXPECT_THAT(Key::from_pem(private_pem(pair.get()), "").error(), HasSubstr("no public key"));
  EXPECT_THAT(Key::from_pem("", "").error(), HasSubstr("no public key"));
  EXPECT_THAT(
      Key::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "").error(),
      HasSubstr("no public key"));
  EXPECT_THAT(Key::from_pem(encrypted, "", AlgorithmSet::all(), Purpose::sign).error(),
              HasSubstr("is encrypted"));
  EXPECT_THAT(Key::from_pem(public_pem(pair.get()), "", AlgorithmSet::all(), Purpose::sign).error(),
              HasSubstr("no private key"));
  for (const char* curve : {"secp256k1", "P-224", "brainpoolP256r1"}) {
    const async::KeyHandle other(EVP_EC_gen(curve));
    EXPECT_THAT(Key::from_pem(public_pem(other.get()), "").error(), HasSubstr("on a curve"))
        << curve;
  }
  const async::KeyHandle exchange(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  EXPECT_THAT(Key::from_pem(public_pem(exchange.get()), "").error(), HasSubstr("of a kind"));
}

TEST(Key, RefusesRsaThatIsTooSmall) {
  for (unsigned bits : {1024U, 2040U}) {
    const async::KeyHandle pair(EVP_RSA_gen(bits));
    EXPECT_THAT(Key::from_pem(public_pem(pair.get()), "").error(),
                HasSubstr("has " + std::to_string(bits) + " bits"));
  }
}

TEST(Key, RefusesRsaNumbersThatAreNone) {
  const std::string jwk = key_for(Algorithm::rs256).to_public_jwk();
  auto with = [&jwk](std::string_view member, std::string_view value) {
    std::string changed = jwk;
    const std::size_t at = changed.find("\"" + std::string(member) + "\":\"") + member.size() + 4;
    return changed.replace(at, changed.find('"', at) - at, value);
  };
  EXPECT_EQ(refusal(with("e", "AQAB")), "");
  EXPECT_EQ(refusal(with("e", "Aw")), "");
  for (std::string_view exponent : {"AQ", "Ag", "AQAA", "AA", "AQAAAAAAAAAB"}) {
    EXPECT_NE(refusal(with("e", exponent)), "") << exponent;
  }
  EXPECT_THAT(refusal(with("e", "")), HasSubstr("Its e is empty"));
  EXPECT_THAT(refusal(with("n", "AQAB")), HasSubstr("17 bits"));
  EXPECT_THAT(refusal(with("n", base64url_encode(std::string(1025, '\xFF')))), HasSubstr("bits"));
  EXPECT_NE(refusal(with("n", base64url_encode(std::string(256, '\xFE')))), "") << "even";
  EXPECT_NE(refusal(with("n", base64url_encode(std::string(256, '\xFF')))), "") << "small factors";
  EXPECT_THAT(refusal(with("n", "AQ=B")), HasSubstr("Its n is not base64url"));
}

TEST(Key, RefusesPointsThatAreNotOnTheirCurve) {
  for (Algorithm algorithm : {Algorithm::es256, Algorithm::es384, Algorithm::es512}) {
    std::string jwk = key_for(algorithm).to_public_jwk();
    const std::size_t x = jwk.find("\"x\":\"") + 10;
    jwk[x] = jwk[x] == 'A' ? 'B' : 'A';
    EXPECT_NE(refusal(jwk), "") << jwk;
  }
  const std::string zero = base64url_encode(std::string(32, '\0'));
  EXPECT_NE(refusal(R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\"}"), "");
}

TEST(Key, RefusesJwksThatContradictThemselves) {
  struct Case {
    std::string_view jwk;
    std::string_view why;
  };
  const std::string secret = base64url_encode(std::string(32, 's'));
  const std::string oct = R"({"kty":"oct","k":")" + secret + "\"";
  const std::string point = key_for(Algorithm::es256).to_public_jwk();
  const std::string p256 = point.substr(0, point.find(",\"kid\""));
  const Case cases[] = {
      {"[]", "no JSON object"},
      {"{}", "kty is missing"},
      {R"({"kty":1})", "kty is missing or no string"},
      {R"({"kty":"XX"})", "kty is not known"},
      {R"({"kty":"RSA"})", "Its n is missing"},
      {R"({"kty":"EC","crv":"P-192"})", "no curve"},
      {R"({"kty":"EC","crv":"Ed25519"})", "no curve"},
      {R"({"kty":"OKP","crv":"X25519","x":"AA"})", "no curve"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", "another size"},
      {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", "another size"},
      {R"({"kty":"oct"})", "Its k is missing"},
      {R"({"kty":"oct","k":"AA"})", "has 1 bytes"},
      {R"({"kty":"oct","k":""})", "has 0 bytes"},
  };
  for (const Case& each : cases) EXPECT_THAT(refusal(each.jwk), HasSubstr(each.why)) << each.jwk;

  EXPECT_EQ(refusal(oct + "}"), "");
  EXPECT_EQ(refusal(oct + R"(,"use":"sig","key_ops":["sign","verify"],"alg":"HS256"})"), "");
  EXPECT_THAT(refusal(oct + R"(,"use":"enc"})"), HasSubstr("use is not"));
  EXPECT_THAT(refusal(oct + R"(,"use":1})"), HasSubstr("use is not"));
  EXPECT_THAT(refusal(oct + R"(,"key_ops":["sign"]})"), HasSubstr("do not hold \"verify\""));
  EXPECT_THAT(refusal(oct + R"(,"key_ops":"verify"})"), HasSubstr("do not hold"));
  EXPECT_THAT(refusal(oct + R"(,"key_ops":[]})"), HasSubstr("do not hold"));
  EXPECT_THAT(refusal(oct + R"(,"key_ops":["verify"]})", Purpose::sign), HasSubstr("\"sign\""));
  EXPECT_THAT(refusal(oct + R"(,"alg":"none"})"), HasSubstr("no signature algorithm"));
  EXPECT_THAT(refusal(oct + R"(,"alg":5})"), HasSubstr("no signature algorithm"));
  EXPECT_THAT(refusal(oct + R"(,"alg":"RS256"})"), HasSubstr("HS256, HS384 and HS512 only"));
  EXPECT_THAT(refusal(oct + R"(,"alg":"HS384"})"), HasSubstr("needs 48"));
  EXPECT_THAT(refusal(oct + R"(,"kid":7})"), HasSubstr("kid is no string"));
  EXPECT_THAT(refusal(p256 + R"(,"alg":"ES384"})"), HasSubstr("is to be used with ES384"));
  EXPECT_THAT(refusal(p256 + R"(,"alg":"HS256"})"), HasSubstr("is to be used with HS256"));
}

TEST(Key, TellsNothingOfSecretsInItsErrors) {
  const std::string secret = "correct-horse-battery";
  EXPECT_THAT(Key::from_secret(secret, "").error(), ::testing::Not(HasSubstr(secret)));
  const std::string jwk = R"({"kty":"oct","k":")" + base64url_encode(secret) + "=\"}";
  EXPECT_THAT(refusal(jwk), ::testing::Not(HasSubstr(base64url_encode(secret))));
}

TEST(Key, SecretsHaveToBeAsLongAsTheHash) {
  EXPECT_FALSE(Key::from_secret(std::string(31, 's'), "").has_value());
  EXPECT_EQ(to_text(Key::from_secret(std::string(32, 's'), "")->algorithms()), "HS256");
  EXPECT_EQ(to_text(Key::from_secret(std::string(48, 's'), "")->algorithms()), "HS256, HS384");
  EXPECT_EQ(to_text(Key::from_secret(std::string(500, 's'), "")->algorithms()),
            "HS256, HS384, HS512");
  EXPECT_FALSE(Key::from_secret(std::string(63, 's'), "", {Algorithm::hs512}).has_value());
  EXPECT_FALSE(Key::from_secret(std::string(64, 's'), "", {Algorithm::rs256}).has_value());
}

TEST(Key, PublicDocumentsAreNoSecrets) {
  const async::KeyHandle pair(EVP_RSA_gen(2048));
  const std::string pem = public_pem(pair.get());
  for (const std::string& text : {pem, "\n  " + pem, certificate_pem(pair.get()),
                                  key_for(Algorithm::es256).to_public_jwk()}) {
    EXPECT_THAT(Key::from_secret(text, "").error(), HasSubstr("everyone")) << text;
  }
}

TEST(Key, ThumbprintIsThatOfRfc8037) {
  const Key key = from_jwk(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  EXPECT_EQ(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(key_for(Algorithm::hs256).thumbprint(), "");
  EXPECT_EQ(key_for(Algorithm::hs256).to_public_jwk(), "");
}

TEST(Key, PublicJwkHoldsNothingPrivate) {
  AlgorithmSet::all().for_each([](Algorithm algorithm) {
    const auto jwk = json::Document::parse(key_for(algorithm).to_public_jwk());
    if (key_for(algorithm).is_secret()) return;
    ASSERT_TRUE(jwk.has_value());
    for (auto [name, value] : jwk->root().members()) {
      EXPECT_THAT(name, ::testing::AnyOf("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"));
    }
    EXPECT_EQ(jwk->find("kid")->string(), "k1");
    EXPECT_EQ(jwk->find("alg")->string(), name_of(algorithm));
  });
}

TEST(Key, SignsFromAPrivateJwkThatIsSound) {
  // RFC 8037 appendix A.
  const std::string x = R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  const std::string d = R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")";
  const std::string edwards = R"({"kty":"OKP","crv":"Ed25519",)";
  const Key key = from_jwk(edwards + x + d + "}", Purpose::sign);
  EXPECT_EQ(
      base64url_encode(
          key.sign(Algorithm::eddsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
              .value()),
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_FALSE(from_jwk(edwards + x + d + "}").can_sign()) << "asked for to verify";
  EXPECT_THAT(refusal(edwards + x + "}", Purpose::sign), HasSubstr("Its d is missing"));
  std::string other = d;
  other[8] = other[8] == 'A' ? 'B' : 'A';
  EXPECT_THAT(refusal(edwards + x + other + "}", Purpose::sign), HasSubstr("not the public key"));
}

TEST(Key, EcPairsThatDoNotBelongTogetherAreRefused) {
  const std::string jwk = key_for(Algorithm::es256).to_public_jwk();
  const std::string private_jwk = jwk.substr(0, jwk.size() - 1) + R"(,"d":")" +
                                  base64url_encode(std::string(32, '\x01')) + "\"}";
  EXPECT_THAT(refusal(private_jwk, Purpose::sign), HasSubstr("not sound"));
  EXPECT_EQ(refusal(private_jwk, Purpose::verify), "");
}

TEST(Key, Ed448IsEddsaToo) {
  const async::KeyHandle pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
  const Key signing =
      Key::from_pem(private_pem(pair.get()), "k", AlgorithmSet::all(), Purpose::sign).value();
  const std::string signature = signing.sign(Algorithm::eddsa, "input").value();
  EXPECT_EQ(signature.size(), 114U);
  const Key half = from_jwk(signing.to_public_jwk());
  EXPECT_TRUE(half.verify(Algorithm::eddsa, "input", signature));
  EXPECT_FALSE(half.verify(Algorithm::eddsa, "other", signature));
  EXPECT_FALSE(key_for(Algorithm::eddsa).verify(Algorithm::eddsa, "input", signature));
}

TEST(Key, OfAPairIsWrittenAsThePemItIsReadFrom) {
  for (Algorithm algorithm : {Algorithm::es256, Algorithm::eddsa}) {
    const Key key = std::move(*Key::generate(algorithm, "a"));
    const auto pem = key.to_private_pem();
    ASSERT_TRUE(pem) << pem.error();
    const auto read = Key::from_pem(pem->text(), "a", {algorithm}, Purpose::sign);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->thumbprint(), key.thumbprint());
    EXPECT_TRUE(key.verify(algorithm, "text", *read->sign(algorithm, "text")));
  }
}

TEST(Key, WithoutAPrivatePartIsNotWrittenAsOne) {
  const Key pair = std::move(*Key::generate(Algorithm::es256, "a"));
  const auto document = json::Document::parse(pair.to_public_jwk());
  EXPECT_FALSE(Key::from_jwk(document->root())->to_private_pem());
  EXPECT_FALSE(Key::generate(Algorithm::hs256, "a")->to_private_pem());
}

}  // namespace
}  // namespace sallyport::jose
