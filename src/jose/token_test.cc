#include "jose/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "jose/test_tokens.h"

namespace sallyport::jose {
namespace {

using ::testing::ElementsAre;
using testing::expectations;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kGoodClaims;
using testing::kNow;
using testing::public_set;
using testing::set_of;
using testing::sign;
using testing::verdict;

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"k1"})";

const KeySet& keys() {
  static const KeySet set = public_set(Algorithm::es256);
  return set;
}

std::string token(std::string_view claims) { return sign(Algorithm::es256, kHeader, claims); }

Token verified(std::string_view claims) {
  Expectations expected{.any_issuer = true, .any_audience = true, .expiry_required = false};
  auto result = verify(token(claims), keys(), expected, kNow);
  EXPECT_TRUE(result.has_value()) << result.error().sentence;
  return std::move(result.value());
}

// A token with this more in its claims.
std::string_view verdict_with(std::string_view more,
                              const Expectations& expected = expectations()) {
  const std::string claims = R"({"iss":"issuer","aud":"us",)" + std::string(more) + "}";
  return verdict(token(claims), keys(), expected);
}

TEST(Token, OfEveryAlgorithmIsVerified) {
  AlgorithmSet::all().for_each([](Algorithm algorithm) {
    const Key& key = testing::key_for(algorithm);
    const auto made = sign_compact(key, algorithm, "at+jwt", kGoodClaims);
    ASSERT_TRUE(made.has_value());
    const KeySet set =
        key.is_secret() ? set_of(Key::from_secret(std::string(64, 's'), "k1", {algorithm}).value())
                        : public_set(algorithm);
    const std::string text =
        key.is_secret() ? sign_compact(set.keys()[0], algorithm, "JWT", kGoodClaims).value()
                        : *made;
    const auto result = verify(text, set, expectations(), kNow);
    ASSERT_TRUE(result.has_value()) << name_of(algorithm) << result.error().sentence;
    EXPECT_EQ(result->algorithm(), algorithm);
    EXPECT_EQ(result->subject(), "alice");
    EXPECT_EQ(result->header().find("kid")->string(), "k1");
  });
}

TEST(Token, GivesItsClaims) {
  const Token full = verified(
      R"({"iss":"i","sub":"s","jti":"j","aud":["a","b"],"exp":1700000600.25,"nbf":1,"iat":2,)"
      R"("scope":"read  write ","own":{"x":[1]}})");
  EXPECT_EQ(full.issuer(), "i");
  EXPECT_EQ(full.subject(), "s");
  EXPECT_EQ(full.id(), "j");
  EXPECT_THAT(full.audiences(), ElementsAre("a", "b"));
  EXPECT_THAT(full.scopes(), ElementsAre("read", "write"));
  EXPECT_EQ(full.expires_at(), Time(std::chrono::milliseconds(1'700'000'600'250)));
  EXPECT_EQ(full.not_before(), Time(std::chrono::seconds(1)));
  EXPECT_EQ(full.issued_at(), Time(std::chrono::seconds(2)));
  EXPECT_EQ(full.claims().find("own")->find("x")->size(), 1U);
  EXPECT_GT(full.memory(), 100U);

  const Token empty = verified("{}");
  EXPECT_EQ(empty.issuer(), std::nullopt);
  EXPECT_EQ(empty.subject(), std::nullopt);
  EXPECT_EQ(empty.expires_at(), std::nullopt);
  EXPECT_THAT(empty.audiences(), IsEmpty());
  EXPECT_THAT(empty.scopes(), IsEmpty());
}

TEST(Token, ScopesAreSpeltInFourWays) {
  EXPECT_THAT(verified(R"({"scope":"a b"})").scopes(), ElementsAre("a", "b"));
  EXPECT_THAT(verified(R"({"scope":["a","b c"]})").scopes(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(verified(R"({"scp":["a","b"]})").scopes(), ElementsAre("a", "b"));
  EXPECT_THAT(verified(R"({"scp":"a b"})").scopes(), ElementsAre("a", "b"));
  EXPECT_THAT(verified(R"({"scope":"a","scp":"b"})").scopes(), ElementsAre("a"));
  EXPECT_THAT(verified(R"({"scope":""})").scopes(), IsEmpty());
  EXPECT_THAT(verified(R"({"scope":[1,"a",null]})").scopes(), ElementsAre("a"));
  EXPECT_THAT(verified(R"({"scope":{"a":1}})").scopes(), IsEmpty());
}

TEST(Token, OutlivesWhatItWasMadeOf) {
  std::string text = token(kGoodClaims);
  auto result = verify(text, public_set(Algorithm::es256), expectations(), kNow);
  ASSERT_TRUE(result.has_value());
  const std::string_view subject = *result->subject();
  text.assign(text.size(), 'x');
  const Token moved = std::move(*result);
  EXPECT_EQ(subject, "alice");
  EXPECT_EQ(moved.claims().find("iss")->string(), "issuer");
}

TEST(Expectations, AreStrictAsTheyStand) {
  EXPECT_EQ(verdict(token(kGoodClaims), keys(), {}), "wrong_issuer");
  EXPECT_EQ(verdict(token(kGoodClaims), keys(), {.any_issuer = true}), "wrong_audience");
  EXPECT_EQ(verdict(token(kGoodClaims), keys(), {.any_issuer = true, .any_audience = true}),
            "good");
  EXPECT_EQ(verdict(token("{}"), keys(), {.any_issuer = true, .any_audience = true}),
            "missing_claim");
}

TEST(Expectations, Issuer) {
  auto with = [](std::string_view issuer) {
    return verdict(token(R"({"aud":"us","exp":1700000600)" + std::string(issuer) + "}"), keys(),
                   {.issuers = {"https://a", "https://b"}, .audiences = {"us"}});
  };
  EXPECT_EQ(with(R"(,"iss":"https://a")"), "good");
  EXPECT_EQ(with(R"(,"iss":"https://b")"), "good");
  EXPECT_EQ(with(R"(,"iss":"https://a/")"), "wrong_issuer");
  EXPECT_EQ(with(R"(,"iss":"HTTPS://a")"), "wrong_issuer");
  EXPECT_EQ(with(R"(,"iss":"")"), "wrong_issuer");
  EXPECT_EQ(with(R"(,"iss":"https://a\u0000")"), "wrong_issuer");
  EXPECT_EQ(with(R"(,"iss":["https://a"])"), "invalid_claim");
  EXPECT_EQ(with(R"(,"iss":null)"), "invalid_claim");
  EXPECT_EQ(with(""), "missing_claim");
}

TEST(Expectations, Audience) {
  auto with = [](std::string_view audience) {
    return verdict(token(R"({"iss":"issuer","exp":1700000600)" + std::string(audience) + "}"),
                   keys(), {.issuers = {"issuer"}, .audiences = {"us", "we"}});
  };
  EXPECT_EQ(with(R"(,"aud":"us")"), "good");
  EXPECT_EQ(with(R"(,"aud":["others","we"])"), "good");
  EXPECT_EQ(with(R"(,"aud":"others")"), "wrong_audience");
  EXPECT_EQ(with(R"(,"aud":"us we")"), "wrong_audience");
  EXPECT_EQ(with(R"(,"aud":"")"), "wrong_audience");
  EXPECT_EQ(with(R"(,"aud":[])"), "wrong_audience");
  EXPECT_EQ(with(R"(,"aud":["us",1])"), "invalid_claim");
  EXPECT_EQ(with(R"(,"aud":[["us"]])"), "invalid_claim");
  EXPECT_EQ(with(R"(,"aud":{"us":1})"), "invalid_claim");
  EXPECT_EQ(with(R"(,"aud":null)"), "invalid_claim");
  EXPECT_EQ(with(""), "missing_claim");
}

TEST(Expectations, TimesHaveALeeway) {
  EXPECT_EQ(verdict_with(R"("exp":1699999971)"), "good");
  EXPECT_EQ(verdict_with(R"("exp":1699999970.001)"), "good");
  EXPECT_EQ(verdict_with(R"("exp":1699999970)"), "expired");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"nbf":1700000030)"), "good");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"nbf":1700000030.5)"), "not_yet_valid");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"iat":1700000030)"), "good");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"iat":1700000031)"), "issued_in_future");
  Expectations exact = expectations();
  exact.leeway = std::chrono::seconds(0);
  EXPECT_EQ(verdict_with(R"("exp":1700000000)", exact), "expired");
  EXPECT_EQ(verdict_with(R"("exp":1700000000.5)", exact), "good");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"nbf":1700000000,"iat":1700000000)", exact), "good");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"nbf":1700000000.001)", exact), "not_yet_valid");
}

TEST(Expectations, TimesHaveToBeNumbers) {
  for (std::string_view name : {"exp", "nbf", "iat"}) {
    for (std::string_view value : {"\"1\"", "null", "[]", "1e20"}) {
      const std::string more = "\"" + std::string(name) + "\":" + std::string(value);
      EXPECT_EQ(verdict_with(more), "invalid_claim") << more;
    }
  }
}

TEST(Expectations, ATokenHasToExpire) {
  EXPECT_EQ(verdict_with(R"("sub":"alice")"), "missing_claim");
  Expectations lenient = expectations();
  lenient.expiry_required = false;
  EXPECT_EQ(verdict_with(R"("sub":"alice")", lenient), "good");
  EXPECT_EQ(verdict_with(R"("exp":1)", lenient), "expired");
  EXPECT_EQ(verdict_with(R"("exp":"1")", lenient), "invalid_claim");
}

TEST(Expectations, TypesAreComparedAsMediaTypes) {
  struct Case {
    std::string_view type;
    std::string_view verdict;
  };
  const Case cases[] = {{"", "good"},
                        {R"(,"typ":"JWT")", "good"},
                        {R"(,"typ":"jwt")", "good"},
                        {R"(,"typ":"at+jwt")", "good"},
                        {R"(,"typ":"AT+JWT")", "good"},
                        {R"(,"typ":"application/at+jwt")", "good"},
                        {R"(,"typ":"Application/JWT")", "good"},
                        {R"(,"typ":"text/jwt")", "wrong_type"},
                        {R"(,"typ":1)", "malformed"},
                        {R"(,"typ":null)", "malformed"}};
  for (const Case& each : cases) {
    const std::string header = R"({"alg":"ES256")" + std::string(each.type) + "}";
    EXPECT_EQ(verdict(sign(Algorithm::es256, header, kGoodClaims), keys()), each.verdict) << header;
  }
  Expectations only = expectations();
  only.types = {"application/at+jwt"};
  only.type_required = true;
  EXPECT_EQ(verdict(token(kGoodClaims), keys(), only), "wrong_type");
  const std::string typed =
      sign(Algorithm::es256, R"({"alg":"ES256","typ":"at+jwt"})", kGoodClaims);
  EXPECT_EQ(verdict(typed, keys(), only), "good");
  const std::string plain = sign(Algorithm::es256, R"({"alg":"ES256","typ":"JWT"})", kGoodClaims);
  EXPECT_EQ(verdict(plain, keys(), only), "wrong_type");
}

TEST(Expectations, RequiredClaimsHaveToBeThere) {
  Expectations more = expectations();
  more.required_claims = {"sub", "jti"};
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"sub":"a","jti":"b")", more), "good");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"sub":"a")", more), "missing_claim");
  EXPECT_EQ(verdict_with(R"("exp":1700000600,"sub":1,"jti":"b")", more), "invalid_claim");
}

TEST(Expectations, NarrowTheAlgorithms) {
  Expectations narrowed = expectations();
  narrowed.algorithms.erase(Algorithm::es256);
  EXPECT_EQ(verdict(token(kGoodClaims), keys(), narrowed), "algorithm_not_allowed");
}

TEST(Expectations, RefusalsSayWhenAndWhat) {
  const auto expired = verify(token(R"({"iss":"issuer","aud":"us","exp":1600000000})"), keys(),
                              expectations(), kNow);
  EXPECT_EQ(expired.error().sentence, "The token expired at 2020-09-13T12:26:40.000Z.");
  const auto issuer = verify(token(R"({"iss":"evil"})"), keys(), expectations(), kNow);
  EXPECT_EQ(issuer.error().sentence, "The issuer \"evil\" is not accepted.");
}

TEST(Expectations, SignaturesComeFirst) {
  std::string changed = token(R"({"iss":"evil","exp":1})");
  changed[changed.find('.') + 1] = 'f';  // another first byte of the claims
  EXPECT_THAT(verdict(changed, keys()), "bad_signature");
}

TEST(Token, IsVerifiedByManyThreadsWithTheSameKeys) {
  const std::string text = token(kGoodClaims);
  std::string bad = text;
  bad[bad.size() - 10] = bad[bad.size() - 10] == 'A' ? 'B' : 'A';
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&text, &bad] {
      for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(verdict(text, keys()), "good");
        EXPECT_EQ(verdict(bad, keys()), "bad_signature");
      }
    });
  }
}

}  // namespace
}  // namespace sallyport::jose
