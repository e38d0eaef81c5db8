#include "policies/authenticate/token/dpop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "async/digest.h"
#include "base/base64url.h"
#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using ::testing::HasSubstr;
using ::testing::StartsWith;

const jose::Key& holder() {
  static const jose::Key key = *jose::Key::generate(jose::Algorithm::es256, "");
  return key;
}

// What a proof says; members of the payload are JSON as it is written.
struct Proof {
  std::string type = "dpop+jwt";
  std::string algorithm = "ES256";
  std::string key = holder().to_public_jwk();
  std::string method = "\"GET\"";
  std::string uri = "\"http://api.example.com/orders\"";
  std::string id;  // empty: a new one
  std::string made = std::to_string(in_seconds(0));
  std::string token;
  std::string more;
  const jose::Key* signer = &holder();

  [[nodiscard]] std::string text() const {
    static int number = 0;
    const std::string jti = id.empty() ? "\"j-" + std::to_string(++number) + '"' : id;
    const std::string header = R"({"typ":")" + type + R"(","alg":")" + algorithm + "\"" +
                               (key.empty() ? "" : ",\"jwk\":" + key) + "}";
    const std::string payload = R"({"htm":)" + method + R"(,"htu":)" + uri + R"(,"jti":)" + jti +
                                R"(,"iat":)" + made + R"(,"ath":")" +
                                base64url_encode(async::sha256_bytes(token)) + "\"" + more + "}";
    const std::string input = base64url_encode(header) + "." + base64url_encode(payload);
    return input + "." +
           base64url_encode(*signer->sign(signer->algorithms().contains(jose::Algorithm::es256)
                                              ? jose::Algorithm::es256
                                              : jose::Algorithm::hs256,
                                          input));
  }
};

std::string bound_to(const std::string& confirmation) {
  return signed_with(key_of_login(), claims("https://login", "orders", in_seconds(300),
                                            R"(,"cnf":)" + confirmation));
}
std::string bound_token() { return bound_to(R"({"jkt":")" + holder().thumbprint() + "\"}"); }

class DpopTest : public ::testing::Test {
 protected:
  // The verdict on a request with these; "passed" or why not.
  std::string ask(const std::string& token, const std::string& proof,
                  const std::string& scheme = "DPoP", bool rehearsal = false) {
    ExchangeFixture f;
    f.x.rehearsal = rehearsal;
    f.request("GET", "/orders");
    f.header("Authorization", scheme + " " + token);
    if (!proof.empty()) f.header("DPoP", proof);
    const std::string verdict = policy_.request(f);
    if (verdict != "passed") return std::string(f.x.trail.entries().back().detail);
    EXPECT_EQ(f.request_values("DPoP"), "(none)");
    EXPECT_EQ(f.request_values("Authorization"), "(none)");
    strength_ = f.x.identity->strength;
    scheme_ = f.x.identity->scheme;
    return verdict;
  }

  PolicyFixture policy_{"authenticate", jwt(R"(, "dpop": "allowed")")};
  Strength strength_{};
  std::string scheme_;
};

TEST_F(DpopTest, AcceptsAProofOnce) {
  ASSERT_EQ(policy_.errors, "");
  const std::string token = bound_token();
  const std::string proof = Proof{.token = token}.text();
  EXPECT_EQ(ask(token, proof), "passed");
  EXPECT_EQ(strength_, Strength::bound);
  EXPECT_EQ(scheme_, "DPoP");
  EXPECT_THAT(ask(token, proof), HasSubstr("used before"));
  EXPECT_EQ(ask(token, Proof{.token = token}.text(), "dpop"), "passed");
}

TEST_F(DpopTest, ARehearsalUsesNoProofUp) {
  const std::string token = bound_token();
  const std::string proof = Proof{.token = token}.text();
  EXPECT_EQ(ask(token, proof, "DPoP", true), "passed");
  EXPECT_EQ(ask(token, proof), "passed");
  EXPECT_THAT(ask(token, proof, "DPoP", true), HasSubstr("used before"));
}

TEST_F(DpopTest, ABoundTokenIsNeverABearerToken) {
  const std::string token = bound_token();
  EXPECT_THAT(ask(token, "", "Bearer"), HasSubstr("not sent with DPoP"));
  EXPECT_THAT(ask(token, Proof{.token = token}.text(), "Bearer"), HasSubstr("not sent with DPoP"));
  EXPECT_THAT(ask(good_token(), Proof{.token = good_token()}.text()), HasSubstr("not bound"));
  EXPECT_EQ(ask(good_token(), "", "Bearer"), "passed");
  EXPECT_EQ(strength_, Strength::token);
  PolicyFixture off("authenticate", jwt());
  ExchangeFixture bearer;
  EXPECT_EQ(asked(off, bearer, token), "authenticate.invalid");
  PolicyFixture required("authenticate", jwt(R"(, "dpop": "required")"));
  ExchangeFixture plain;
  EXPECT_EQ(asked(required, plain, good_token()), "authenticate.invalid");
}

TEST_F(DpopTest, RefusesProofsThatProveNothing) {
  const std::string token = bound_token();
  static const jose::Key other = *jose::Key::generate(jose::Algorithm::es256, "");
  static const jose::Key secret = *jose::Key::from_secret(std::string(64, 's'), "");
  std::string with_private = holder().to_public_jwk();
  with_private.insert(with_private.size() - 1, R"(,"d":"AAAA")");
  const std::string long_id = '"' + std::string(257, 'j') + '"';
  const std::pair<Proof, std::string> cases[] = {
      {{.type = "jwt"}, "typ"},
      {{.algorithm = "none"}, "not accepted"},
      {{.algorithm = "HS256", .signer = &secret}, "not accepted"},
      {{.algorithm = "RS256"}, "may be used"},
      {{.key = ""}, "no jwk"},
      {{.key = "\"x\""}, "no jwk"},
      {{.key = with_private}, "private members"},
      {{.key = R"({"kty":"oct","k":"AAAA"})"}, "private members"},
      {{.key = other.to_public_jwk(), .signer = &other}, "not the token's"},
      {{.signer = &other}, "does not verify"},
      {{.method = "\"POST\""}, "htm"},
      {{.method = "\"get\""}, "htm"},
      {{.method = "1"}, "htm"},
      {{.uri = "\"https://api.example.com/orders\""}, "htu"},
      {{.uri = "\"http://other.example.com/orders\""}, "htu"},
      {{.uri = "\"http://api.example.com:81/orders\""}, "htu"},
      {{.uri = "\"http://api.example.com/orders/1\""}, "htu"},
      {{.uri = "\"/orders\""}, "htu"},
      {{.uri = "\"\""}, "htu"},
      {{.id = "\"\""}, "jti"},
      {{.id = "1"}, "jti"},
      {{.id = long_id}, "jti"},
      {{.made = std::to_string(in_seconds(-62))}, "too old"},
      {{.made = std::to_string(in_seconds(30))}, "future"},
      {{.made = "\"now\""}, "iat"},
      {{.made = "1e300"}, "iat"},
      {{.token = token + "x"}, "ath"},
      {{.more = R"(,"jti":"twice")"}, "no JSON object"},
  };
  for (auto [proof, why] : cases) {
    if (proof.token.empty()) proof.token = token;
    EXPECT_THAT(ask(token, proof.text()), HasSubstr(why)) << proof.text();
  }
  for (const char* garbage : {"", "a", "..", "a.b", "a.b.c", "e30.e30.", "e30", "{}.{}.{}"}) {
    EXPECT_THAT(ask(token, garbage), StartsWith("DPoP: ")) << garbage;
  }
  EXPECT_THAT(ask(token, std::string(9000, 'a')), HasSubstr("too large"));
}

TEST_F(DpopTest, UrisAreComparedAsNormalised) {
  const std::string token = bound_token();
  for (const char* uri : {"http://API.example.com:80/orders", "HTTP://api.example.com/a/../orders",
                          "http://api.example.com/%6frders?a=b#c"}) {
    EXPECT_EQ(ask(token, Proof{.uri = '"' + std::string(uri) + '"', .token = token}.text()),
              "passed")
        << uri;
  }
}

TEST_F(DpopTest, TwoProofsAreNone) {
  const std::string token = bound_token();
  ExchangeFixture f;
  f.request("GET", "/orders").header("Authorization", "DPoP " + token);
  f.header("DPoP", Proof{.token = token}.text()).header("dpop", Proof{.token = token}.text());
  EXPECT_EQ(policy_.request(f), "authenticate.invalid");
}

TEST_F(DpopTest, BehindATrustedProxyTheUriIsTheOneThatTheProxySaw) {
  const std::string token = bound_token();
  for (bool trusted : {true, false}) {
    ExchangeFixture f;
    f.x.peer_trusted = trusted;
    f.request("GET", "/orders", "10.0.0.1").header("Authorization", "DPoP " + token);
    f.header("X-Forwarded-Proto", "http, https").header("X-Forwarded-Host", "api.example.com");
    f.header("DPoP", Proof{.uri = "\"https://api.example.com/orders\"", .token = token}.text());
    EXPECT_EQ(policy_.request(f), trusted ? "passed" : "authenticate.invalid");
  }
}

TEST_F(DpopTest, SaysInTheChallengeWhatWasWrong) {
  ExchangeFixture f;
  f.request("GET", "/orders").header("Authorization", "DPoP " + bound_token());
  EXPECT_EQ(policy_.request(f), "authenticate.invalid");
  f.x.reason = f.x.trail.entries().back().reason;
  EXPECT_EQ(policy_.response(f), "passed");
  EXPECT_EQ(f.response_values("WWW-Authenticate"),
            "Bearer, DPoP algs=\"ES256 ES384 ES512 EdDSA PS256 PS384 PS512 RS256 RS384 RS512\", "
            "error=\"invalid_dpop_proof\"");
}

TEST(Binding, ATokenIsGoodForTheCertificateItIsBoundTo) {
  const std::string hash(32, '\x5a');
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "5a";
  const std::string other(64, '5');
  const std::string token = bound_to(R"({"x5t#S256":")" + base64url_encode(hash) + "\"}");
  for (const char* more : {"", R"(, "bound": "certificate")"}) {
    PolicyFixture policy("authenticate", jwt(more));
    ExchangeFixture right;
    right.x.tls.client_fingerprint = hex;
    EXPECT_EQ(asked(policy, right, token), "passed");
    EXPECT_EQ(right.x.identity->strength, Strength::bound);
    ExchangeFixture wrong;
    wrong.x.tls.client_fingerprint = other;
    EXPECT_EQ(asked(policy, wrong, token), "authenticate.invalid");
    ExchangeFixture none;
    EXPECT_EQ(asked(policy, none, token), "authenticate.invalid");
    ExchangeFixture unbound;
    unbound.x.tls.client_fingerprint = hex;
    EXPECT_EQ(asked(policy, unbound, good_token()),
              *more == '\0' ? "passed" : "authenticate.invalid");
  }
}

TEST(Binding, OneThatIsNotUnderstoodIsNotLeftOut) {
  PolicyFixture policy("authenticate", jwt(R"(, "dpop": "allowed")"));
  for (const char* cnf : {"{}", "null", "\"x\"", R"({"kid":"1"})", R"({"jwk":{}})",
                          R"({"jkt":"short"})", R"({"jkt":1})", R"({"x5t#S256":""})"}) {
    ExchangeFixture f;
    EXPECT_EQ(asked(policy, f, bound_to(cnf)), "authenticate.invalid") << cnf;
  }
}

// ---- nonces ----

class DpopNonceTest : public ::testing::Test {
 protected:
  struct Answer {
    std::string verdict;  // "passed" or why not
    std::string nonce, challenge, caching;
  };
  // `nonce`: a member of the claims, or empty.
  static Answer ask(const PolicyFixture& policy, const std::string& nonce) {
    const std::string token = bound_token();
    const std::string more = nonce.empty() ? "" : R"(,"nonce":")" + nonce + '"';
    ExchangeFixture f;
    f.request("GET", "/orders").header("Authorization", "DPoP " + token);
    f.header("DPoP", Proof{.token = token, .more = more}.text());
    Answer answer{.verdict = policy.request(f)};
    if (answer.verdict != "passed") {
      answer.verdict = f.x.trail.entries().back().detail;
      f.x.reason = f.x.trail.entries().back().reason;
    }
    EXPECT_EQ(policy.response(f), "passed");
    answer.nonce = f.response_values("DPoP-Nonce");
    answer.challenge = f.response_values("WWW-Authenticate");
    answer.caching = f.response_values("Cache-Control");
    return answer;
  }

  const std::string block_ = jwt(R"(, "dpop": "required", "dpop_nonce": "required")");
  PolicyFixture policy_{"authenticate", block_};
};

TEST_F(DpopNonceTest, AClientIsToldWhichNonceToTake) {
  ASSERT_EQ(policy_.errors, "");
  const Answer first = ask(policy_, "");
  EXPECT_THAT(first.verdict, HasSubstr("no nonce"));
  EXPECT_THAT(first.challenge, HasSubstr("error=\"use_dpop_nonce\""));
  EXPECT_EQ(first.nonce.size(), 27U);
  EXPECT_EQ(first.caching, "no-store");
  EXPECT_EQ(ask(policy_, first.nonce).verdict, "passed");
  const PolicyFixture reloaded("authenticate", block_);
  EXPECT_EQ(ask(reloaded, first.nonce).verdict, "passed");
  for (std::string wrong :
       {std::string("x"), first.nonce.substr(1), first.nonce + "A", std::string(27, 'A'),
        std::string(1, first.nonce[0]) + "B" + first.nonce.substr(2),
        first.nonce.substr(0, 20) + (first.nonce[20] == 'A' ? "B" : "A") +
            first.nonce.substr(21)}) {
    const Answer refused = ask(policy_, wrong);
    EXPECT_THAT(refused.verdict, HasSubstr("no nonce")) << wrong;
    EXPECT_EQ(refused.nonce.size(), 27U) << wrong;
  }
}

TEST_F(DpopNonceTest, OtherFaultsOfAProofTellNoNonce) {
  const PolicyFixture off("authenticate", jwt(R"(, "dpop": "required")"));
  EXPECT_EQ(ask(off, "").verdict, "passed");
  EXPECT_EQ(ask(off, "").nonce, "(none)");
  EXPECT_THAT(PolicyFixture("authenticate", jwt(R"(, "dpop_nonce": "required")")).errors,
              HasSubstr("takes no proofs"));
}

TEST(DpopNonces, AreGoodForFiveMinutesAndRenewedBefore) {
  const policies::authenticate_detail::DpopNonces nonces;
  const jose::Time start{std::chrono::minutes(29'000'000)};
  // What the answer to a request with `nonce` brings: whether it was good, and the next one.
  auto ask = [&](std::string_view nonce, std::chrono::seconds later) {
    ExchangeFixture f;
    const bool good = nonces.accept(f.x, nonce, start + later);
    nonces.complete(f.x);
    return std::pair(good, f.response_values("DPoP-Nonce"));
  };
  const std::string first = ask("", std::chrono::seconds(0)).second;
  EXPECT_EQ(ask(first, std::chrono::seconds(59)), std::pair(true, std::string("(none)")));
  const auto [good, second] = ask(first, std::chrono::seconds(60));
  EXPECT_TRUE(good);
  EXPECT_NE(second, first);
  EXPECT_EQ(ask(second, std::chrono::seconds(60)), std::pair(true, std::string("(none)")));
  EXPECT_TRUE(ask(first, std::chrono::seconds(299)).first);
  EXPECT_FALSE(ask(first, std::chrono::seconds(300)).first);
  EXPECT_TRUE(ask(second, std::chrono::seconds(0)).first) << "of a clock that is ahead";
  EXPECT_FALSE(ask(ask("", std::chrono::seconds(120)).second, std::chrono::seconds(0)).first);
}

}  // namespace
}  // namespace sallyport
