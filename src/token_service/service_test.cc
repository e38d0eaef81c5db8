// The service with a real store: what it issues, to whom, and the keys it keeps.
#include "token_service/service.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "jose/token.h"
#include "policy/exchange_fixture.h"
#include "store/test_store.h"

namespace sallyport::token_service {
namespace {

using store::must;
using testing::ExchangeFixture;

Settings settings(std::string issuer = "https://gw") {
  return {.issuer = std::move(issuer), .audiences = {"orders", "stock"}};
}

class TokenService : public ::testing::Test {
 protected:
  TokenService() {
    store_ = must(store::Store::open(folder_.file("db"), store::test_ring()));
    secret_ =
        must(store_
                 ->run([](store::Session& session) -> store::Outcome<std::string> {
                   const auto shop = must(session.consumers.create({.name = "shop"}));
                   must(session.clients.create(
                       {.id = "web", .consumer = shop.id, .scopes = {"read", "write"}}));
                   return std::string(must(session.clients.issue_secret("web")).secret.view());
                 })
                 .get());
    start(settings());
  }
  ~TokenService() override { service_->stop(); }

  void start(Settings with) {
    if (service_ != nullptr) service_->stop();
    service_ = std::make_shared<Service>(std::move(with));
    const auto started = service_->start(*store_, [this](store::AuditEvent event) {
      events_.push_back(event.action + " by " + event.actor);
    });
    ASSERT_TRUE(started) << started.error();
  }

  // The exchange of a form from an address that nobody else uses.
  void form(ExchangeFixture& f, const std::string& body) {
    static int number = 0;
    f.request("POST", "/oauth/token").client("10.1.0." + std::to_string(++number % 250));
    f.header("Content-Type", "application/x-www-form-urlencoded");
    f.x.callers = &store_->callers();
    f.x.tls.on = true;
    body_ = body;
    f.x.request_body = testing::bytes_of(body_);
  }
  // The JSON of the answer, or the reason.
  std::string issued(const std::string& body) {
    ExchangeFixture f;
    form(f, body);
    auto answer = testing::now(service_->issue(f.x));
    return answer ? *answer : std::string(answer.error().reason->code);
  }
  std::string good() {
    return "grant_type=client_credentials&client_id=web&client_secret=" + secret_;
  }
  std::string token_of(const std::string& json) {
    const auto document = json::Document::parse(json);
    if (!document || !document->find("access_token")) return json;
    return std::string(*document->find("access_token")->string());
  }
  std::size_t keys() {
    return must(store_->run([](store::Session& session) { return session.signing_keys.list(); })
                    .get())
        .size();
  }

  store::TemporaryFolder folder_;
  std::vector<std::string> events_;
  std::unique_ptr<store::Store> store_;
  std::shared_ptr<Service> service_;
  std::string secret_, body_;
};

TEST_F(TokenService, IssuesTokensThatItsPublishedKeysVerify) {
  const std::string token = token_of(issued(good() + "&scope=read&resource=stock"));
  const auto keys = jose::KeySet::from_jwks(service_->keys()->jwks);
  ASSERT_TRUE(keys);
  jose::Expectations expected;
  expected.issuers = {"https://gw"};
  expected.audiences = {"stock"};
  expected.types = {"at+jwt"};
  expected.type_required = true;
  const jose::Time now{std::chrono::milliseconds(wall_milliseconds())};
  const auto verified = jose::verify(token, *keys, expected, now);
  ASSERT_TRUE(verified) << verified.error().sentence;
  EXPECT_EQ(verified->subject(), "web");
  EXPECT_EQ(verified->scopes(), std::vector<std::string_view>{"read"});
  EXPECT_TRUE(verified->id());
  EXPECT_EQ(IssuerKeys::of("https://gw")->keys()->keys().size(), 1U);
}

TEST_F(TokenService, RefusesWhatItDoesNotGive) {
  struct Case {
    std::string body;
    std::string_view reason;
  };
  const Case cases[] = {
      {"grant_type=client_credentials&client_id=web&client_secret=x",
       "token_service.invalid_client"},
      {"grant_type=client_credentials&client_id=nobody&client_secret=" + secret_,
       "token_service.invalid_client"},
      {"client_id=web&client_secret=" + secret_, "token_service.invalid_request"},
      {"grant_type=password&client_id=web&client_secret=" + secret_,
       "token_service.unsupported_grant_type"},
      {good() + "&scope=admin", "token_service.invalid_scope"},
      {good() + "&resource=other", "token_service.invalid_target"},
      {good() + "&grant_type=client_credentials", "token_service.invalid_request"},
  };
  for (const Case& c : cases) EXPECT_EQ(issued(c.body), c.reason) << c.body;
}

TEST_F(TokenService, WantsTlsWhereItsIssuerHasIt) {
  ExchangeFixture f;
  form(f, good());
  f.x.tls.on = false;
  auto refused = testing::now(service_->issue(f.x));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, &kInvalidRequest);
  f.x.peer_trusted = true;
  EXPECT_TRUE(testing::now(service_->issue(f.x)));
}

TEST_F(TokenService, KnowsClientsByTheirCertificates) {
  must(store_
           ->run([](store::Session& session) -> store::Outcome<store::Client> {
             auto client = must(session.clients.get("web"));
             client.mtls_subject = "CN=web,O=Shop";
             return session.clients.update(std::move(client));
           })
           .get());
  auto asked = [this](std::string_view subject) {
    ExchangeFixture f;
    form(f, "grant_type=client_credentials&client_id=web");
    f.x.tls.client_subject = subject;
    auto answer = testing::now(service_->issue(f.x));
    return answer ? "issued" : answer.error().reason->code;
  };
  EXPECT_EQ(asked("CN=web,O=Shop"), "issued");
  EXPECT_EQ(asked("CN=web"), "token_service.invalid_client");
  EXPECT_EQ(asked(""), "token_service.invalid_client");
}

TEST_F(TokenService, KeepsItsKeysInTheStore) {
  const std::string before = service_->keys()->jwks;
  start(settings());
  EXPECT_EQ(service_->keys()->jwks, before);
  EXPECT_EQ(events_, std::vector<std::string>{"signing_key.create by sallyport"});
}

TEST_F(TokenService, PublishesAKeyOfAnotherAlgorithmBeforeItSigns) {
  const std::string before = service_->keys()->jwks;
  Settings other = settings();
  other.algorithm = jose::Algorithm::eddsa;
  start(std::move(other));
  EXPECT_EQ(keys(), 2U);
  EXPECT_EQ(service_->keys()->algorithm, jose::Algorithm::es256);
  EXPECT_NE(service_->keys()->jwks, before);
  EXPECT_TRUE(service_->keys()->jwks.contains("EdDSA"));
}

TEST_F(TokenService, RefusesUntilItHasStarted) {
  Service unborn(settings("https://other"));
  ExchangeFixture f;
  form(f, good());
  auto refused = testing::now(unborn.issue(f.x));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, &kUnavailable);
}

}  // namespace
}  // namespace sallyport::token_service
