// Signing in without an admin token: certificates and tokens of an OpenID Provider.
#include "admin/sign_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "base/clock.h"
#include "jose/test_tokens.h"

namespace sallyport::admin {
namespace {

using jose::Algorithm;
using Proof = Actor::Proof;
using ::testing::HasSubstr;

constexpr std::string_view kIssuer = "https://login.example.com";

std::string claims(const std::string& more, std::int64_t age = 0,
                   std::string_view issuer = kIssuer) {
  const std::int64_t now = wall_milliseconds() / 1000;
  return R"({"iss":")" + std::string(issuer) + R"(","aud":["x","admin"],"sub":"ada","iat":)" +
         std::to_string(now - age) + R"(,"exp":)" + std::to_string(now + 300) + more + "}";
}

std::string token(const std::string& payload, Algorithm algorithm = Algorithm::es256) {
  return "Bearer " + jose::testing::sign(algorithm,
                                         R"({"alg":")" + std::string(jose::name_of(algorithm)) +
                                             R"(","kid":"k1","typ":"JWT"})",
                                         payload);
}

async::PeerCertificate certificate(std::string subject, std::string uri = {}) {
  async::PeerCertificate made{.subject = std::move(subject), .fingerprint = std::string(64, 'a')};
  if (!uri.empty()) {
    made.names.push_back({.kind = async::PeerName::Kind::uri, .text = std::move(uri)});
  }
  return made;
}

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() {
    auto people = std::make_shared<config::AdminPeople>();
    schema::Diagnostics diagnostics;
    EXPECT_TRUE(
        people->certificates.add({.subject = {"CN=ada", "CN=both"}}, "admin", {}, diagnostics));
    EXPECT_TRUE(
        people->certificates.add({.san_uri = {"spiffe://x/viewer"}}, "viewer", {}, diagnostics));
    std::vector<jose::Key> keys;
    for (Algorithm each : {Algorithm::es256, Algorithm::rs256}) {
      keys.push_back(jose::testing::from_jwk(jose::testing::key_for(each).to_public_jwk()));
    }
    people->oidc = config::OidcPeople{
        .issuer = std::string(kIssuer),
        .keys = std::make_shared<KeySource>(jose::KeySet::of(std::move(keys))),
        .expected = {.issuers = {std::string(kIssuer)},
                     .audiences = {"admin"},
                     .required_claims = {"sub", "iat"}},
        .max_age = std::chrono::hours(1),
        .claim = ClaimPath::dotted("realm.roles"),
        .claim_is_words = false,
        .roles = {{"staff", AdminRole::viewer}, {"platform team", AdminRole::security}}};
    settings->people = people;
  }

  // The actor, or the code of the refusal in `code`.
  std::optional<Actor> ask(const std::string& authorization,
                           const async::PeerCertificate* shown = nullptr) {
    std::optional<Actor> actor;
    code.clear();
    reply = {};
    int calls = 0;
    sign_in.check({.authorization = authorization, .certificate = shown, .address = "192.0.2.1"},
                  {.settings = settings}, now, [&](std::expected<Actor, Reply> judged) {
                    ++calls;
                    if (judged) {
                      actor = std::move(*judged);
                    } else {
                      reply = std::move(judged.error());
                      const auto document = json::Document::parse(reply.body);
                      code = document->root().text("code");
                    }
                  });
    EXPECT_EQ(calls, 1);
    return actor;
  }
  std::string refusal(const std::string& authorization,
                      const async::PeerCertificate* shown = nullptr) {
    now += 60'000;  // so that none of them is one too many
    return ask(authorization, shown) ? "let in" : code;
  }

  std::shared_ptr<config::AdminSettings> settings = std::make_shared<config::AdminSettings>();
  SignIn sign_in;
  std::uint64_t now = 0;
  std::string code;
  Reply reply;
};

TEST_F(SignInTest, ACertificateHasTheRoleOfItsSubjectOrName) {
  const auto ada = certificate("CN=ada");
  const auto actor = ask("", &ada);
  ASSERT_TRUE(actor) << code;
  EXPECT_EQ(actor->proof, Proof::certificate);
  EXPECT_EQ(actor->role, AdminRole::admin);
  EXPECT_EQ(actor->text(), "certificate/CN=ada");
  EXPECT_EQ(actor->fingerprint, std::string(64, 'a'));
  const auto workload = certificate("", "spiffe://x/viewer");
  const auto viewer = ask("", &workload);
  ASSERT_TRUE(viewer) << code;
  EXPECT_EQ(viewer->role, AdminRole::viewer);
  EXPECT_EQ(viewer->text(), "certificate/" + std::string(64, 'a'));
  EXPECT_FALSE(viewer->may(AdminRole::operate));
}

TEST_F(SignInTest, ACertificateWithoutARoleOrWithSeveralIsRefused) {
  const auto stranger = certificate("CN=eve");
  EXPECT_EQ(refusal("", &stranger), "admin.no_role");
  EXPECT_EQ(reply.status, 403);
  const auto both = certificate("CN=both", "spiffe://x/viewer");
  EXPECT_EQ(refusal("", &both), "admin.no_role");
  EXPECT_THAT(reply.body, HasSubstr("several roles"));
}

TEST_F(SignInTest, WhereCertificatesHaveNoRolesTheyDoNotCount) {
  settings->people = nullptr;
  const auto ada = certificate("CN=ada");
  EXPECT_EQ(refusal("", &ada), "admin.unauthenticated");
}

TEST_F(SignInTest, ATokenCountsBeforeACertificate) {
  const auto ada = certificate("CN=ada");
  const auto actor = ask(token(claims(R"(,"realm":{"roles":["staff"]})")), &ada);
  ASSERT_TRUE(actor) << code;
  EXPECT_EQ(actor->role, AdminRole::viewer);
  EXPECT_EQ(refusal("Bearer wrong", &ada), "admin.unauthenticated");
  EXPECT_EQ(refusal("Basic YTpi", &ada), "admin.unauthenticated");
}

TEST_F(SignInTest, ATokenHasTheHighestRoleThatItsClaimGives) {
  const auto actor = ask(token(claims(R"(,"realm":{"roles":["staff","platform team","other"]})")));
  ASSERT_TRUE(actor) << code;
  EXPECT_EQ(actor->role, AdminRole::security);
  EXPECT_EQ(actor->text(), "oidc/https://login.example.com#ada");
  EXPECT_TRUE(actor->expires);
  const auto text = ask(token(claims(R"(,"realm":{"roles":"platform team"})")));
  ASSERT_TRUE(text) << code;
  EXPECT_EQ(text->role, AdminRole::security);
}

TEST_F(SignInTest, OnlyOfAScopeTheWordsCount) {
  EXPECT_EQ(refusal(token(claims(R"(,"realm":{"roles":"other staff"})"))), "admin.no_role");
  auto people = std::make_shared<config::AdminPeople>(*settings->people);
  people->oidc->claim_is_words = true;
  settings->people = people;
  EXPECT_EQ(refusal(token(claims(R"(,"realm":{"roles":"other staff"})"))), "let in");
}

TEST_F(SignInTest, RefusesTokensThatDoNotHoldOrGiveNoRole) {
  const std::string good = claims(R"(,"realm":{"roles":["staff"]})");
  ASSERT_EQ(refusal(token(good)), "let in");
  const std::string no_role = "admin.no_role";
  const std::string refused = "admin.unauthenticated";
  auto without = [&good](std::string_view member) {
    std::string text = good;
    const std::size_t at = text.find("\"" + std::string(member) + "\"");
    return text.replace(at + 1, member.size(), "xxx");
  };
  const std::pair<std::string, std::string> cases[] = {
      {token(claims("")), no_role},
      {token(claims(R"(,"realm":{"roles":["Staff"]})")), no_role},
      {token(claims(R"(,"realm":{"roles":[["staff"],1,{"staff":1}]})")), no_role},
      {token(claims(R"(,"realm.roles":{"staff":true})")), no_role},
      {token(without("aud")), refused},
      {token(without("exp")), refused},
      {token(without("iat")), refused},
      {token(without("sub")), refused},
      {token(without("iss")), refused},
      {token(claims(R"(,"realm":{"roles":["staff"]})", 3700)), refused},
      {token(claims(R"(,"realm":{"roles":["staff"]})", -3700)), refused},
      {token(claims(R"(,"realm":{"roles":["staff"]})", 0, "https://other")), refused},
      {token(claims(R"(,"realm":{"roles":["staff"]},"cnf":{"jkt":"x"})")), refused},
      {token(claims(R"(,"realm":{"roles":["staff"]},"events":{})")), refused},
      {token(good, Algorithm::es384), refused},
      {token(good) + "x", refused},
  };
  for (const auto& [authorization, expected] : cases) {
    EXPECT_EQ(refusal(authorization), expected) << authorization;
    if (expected == refused) EXPECT_EQ(reply.fields.front().first, "WWW-Authenticate");
  }
  std::string control = good;
  control.replace(control.find("ada"), 3, "a\\u0007");
  EXPECT_EQ(refusal(token(control)), refused);
  control = good;
  control.replace(control.find("ada"), 3, std::string(600, 'a'));
  EXPECT_EQ(refusal(token(control)), refused);
}

TEST_F(SignInTest, WithoutKeysOfTheProviderNobodyKnows) {
  auto people = std::make_shared<config::AdminPeople>(*settings->people);
  people->oidc->keys = std::make_shared<KeySource>(
      std::shared_ptr<const IssuerKeys>(std::make_shared<const IssuerKeys>()));
  settings->people = people;
  EXPECT_EQ(refusal(token(claims(R"(,"realm":{"roles":["staff"]})"))), "admin.issuer_unavailable");
  EXPECT_EQ(reply.status, 503);
}

TEST_F(SignInTest, LimitsHowOftenSomebodyAsks) {
  settings->requests_per_second = 0.5;
  settings->most_requests_at_once = 3;
  const auto ada = certificate("CN=ada");
  const std::string other = token(claims(R"(,"realm":{"roles":["staff"]})"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask("", &ada)) << i;
  EXPECT_FALSE(ask("", &ada));
  EXPECT_EQ(code, "admin.too_many_requests");
  EXPECT_EQ(reply.fields, (decltype(reply.fields){{"Retry-After", "2"}}));
  EXPECT_TRUE(ask(other)) << "others are not concerned";
  now += 2'000;
  EXPECT_TRUE(ask("", &ada));
}

TEST_F(SignInTest, LimitsWhatFailuresCost) {
  int unauthenticated = 0;
  for (int i = 0; i < 30; ++i) {
    EXPECT_FALSE(ask("Bearer wrong"));
    unauthenticated += code == "admin.unauthenticated" ? 1 : 0;
  }
  EXPECT_EQ(unauthenticated, 10);
  EXPECT_EQ(code, "admin.too_many_failures");
  EXPECT_TRUE(ask(token(claims(R"(,"realm":{"roles":["staff"]})"))))
      << "who is good is let in all the same";
}

}  // namespace
}  // namespace sallyport::admin
