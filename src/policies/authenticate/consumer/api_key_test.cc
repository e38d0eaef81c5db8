#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policies/policy_fixture.h"
#include "policy/route.h"
#include "store/key_text.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport {
namespace {

using ::testing::ElementsAre;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::PolicyFixture;

// Callers without a database.
class ApiKeys : public ::testing::Test {
 protected:
  ApiKeys() { scope_.keeps_state = true; }

  PolicyFixture policy(std::string_view settings = "{}") {
    return {"authenticate", R"({"api_key": )" + std::string(settings) + "}", &scope_};
  }

  // A new key of the consumer "ada"; its text.
  std::string issue(store::ApiKey key = {}) {
    const auto presented = store::PresentedKey::random();
    key.id = presented.id().text();
    key.secret_hash = presented.hash(*hash_);
    key.consumer = ada_.id;
    publish(key, ada_);
    return std::string(presented.text().view());
  }
  void publish(const store::ApiKey& key, const store::Consumer& consumer) {
    store::ViewChanges changes;
    changes.consumers[consumer.id] = consumer;
    changes.keys[key.id] = key;
    directory_.publish(builder_.next(changes));
    last_ = key;
  }

  // The verdict on `key`, in the header unless the request has it somewhere already.
  std::string ask(const PolicyFixture& policy, ExchangeFixture& f, const std::string& key = {}) {
    f.x.callers = &directory_;
    f.x.route = &route_;
    if (!key.empty()) f.header("X-API-Key", key);
    return policy.request(f);
  }
  // What the log says about a refusal.
  static std::string why(const ExchangeFixture& f) {
    return std::string(f.x.trail.entries().back().detail);
  }

  schema::LoadScope scope_;
  std::shared_ptr<const store::KeyedHash> hash_ =
      std::make_shared<store::KeyedHash>(std::string(32, 'k'));
  store::ViewBuilder builder_{hash_};
  store::CallerDirectory directory_{builder_.view()};
  store::Consumer ada_{.id = store::PublicId::random().text(),
                       .name = "ada",
                       .groups = {"partners"},
                       .roles = {"reader", "writer"}};
  store::ApiKey last_;
  Route route_ = [] {
    Route route;
    route.api = "orders";
    return route;
  }();
};

TEST_F(ApiKeys, SayWhoIsCallingAndAreTakenAway) {
  const PolicyFixture policy = this->policy();
  ASSERT_EQ(policy.errors, "");
  const std::string key = issue({.scopes = {"orders:read"}});
  ExchangeFixture f;
  ASSERT_EQ(ask(policy, f, key), "passed");
  ASSERT_TRUE(f.x.identity);
  EXPECT_EQ(f.x.identity->method, "api_key");
  EXPECT_EQ(f.x.identity->consumer, "ada");
  EXPECT_EQ(f.x.identity->strength, Strength::key);
  EXPECT_THAT(f.x.identity->roles, ElementsAre("reader", "writer"));
  EXPECT_THAT(f.x.identity->groups, ElementsAre("partners"));
  EXPECT_THAT(f.x.identity->scopes, ElementsAre("orders:read"));
  EXPECT_EQ(f.request_values("X-API-Key"), "(none)");
  // The view that it points into may be replaced.
  issue();
  EXPECT_EQ(f.x.identity->consumer, "ada");
}

TEST_F(ApiKeys, AreForwardedWhereThatIsWanted) {
  const PolicyFixture policy = this->policy(R"({"forward": true})");
  const std::string key = issue();
  ExchangeFixture f;
  ASSERT_EQ(ask(policy, f, key), "passed");
  EXPECT_EQ(f.request_values("X-API-Key"), key);
}

TEST_F(ApiKeys, AreTakenOutOfTheQueryAndTheTarget) {
  const PolicyFixture policy = this->policy(R"({"query": "key"})");
  const std::string key = issue();
  EXPECT_THAT(scope_.secret_parameters, ElementsAre("key"));
  const std::pair<std::string, std::string> cases[] = {
      {"a=1&key=" + key + "&b=2", "a=1&b=2"},
      {"key=" + key, ""},
      {"key=" + key + "&b", "b"},
      {"a&k%65y=" + key, "a"},
  };
  for (const auto& [query, left] : cases) {
    ExchangeFixture f;
    f.x.request.query = query;
    f.x.request.has_query = true;
    const std::string target = "/x/../orders?" + query;
    f.x.request.target = target;
    ASSERT_EQ(ask(policy, f), "passed") << query;
    EXPECT_EQ(f.x.request.query, left);
    EXPECT_EQ(f.x.request.has_query, !left.empty());
    EXPECT_EQ(f.x.request.target, "/x/../orders" + (left.empty() ? "" : "?" + left));
  }
}

TEST_F(ApiKeys, AreTakenOutOfCookies) {
  const PolicyFixture policy = this->policy(R"({"cookie": "key"})");
  ExchangeFixture f;
  f.header("Cookie", "a=1; key=" + issue() + "; b=2");
  ASSERT_EQ(ask(policy, f), "passed");
  EXPECT_EQ(f.request_values("Cookie"), "a=1; b=2");
}

TEST_F(ApiKeys, InACookieChangeNothingForPagesOfOtherSites) {
  const PolicyFixture policy =
      this->policy(R"({"cookie": "key", "trusted_origins": ["https://app.example.com"]})");
  const std::string key = issue();
  for (const auto& [origin, verdict] : std::initializer_list<std::pair<const char*, const char*>>{
           {"https://app.example.com", "passed"},
           {"https://evil.example", "authenticate.cross_site"}}) {
    ExchangeFixture f;
    f.request("POST", "/").header("Cookie", "key=" + key).header("Origin", origin);
    EXPECT_EQ(ask(policy, f), verdict) << origin;
  }
}

TEST_F(ApiKeys, AreRefusedWithTheReasonInTheLogOnly) {
  const PolicyFixture policy = this->policy();
  const std::int64_t now = wall_milliseconds();
  std::vector<std::pair<std::string, std::string>> cases;
  const auto refuse = [&](store::ApiKey key, const std::string& said) {
    cases.emplace_back(issue(std::move(key)), said);
  };
  refuse({.revoked = now - 1}, " is revoked");
  refuse({.expires = now - 1}, " has expired");
  refuse({.not_before = now + 100'000}, " is not good yet");
  refuse({.networks = {"10.0.0.0/8", "2001:db8::/32"}}, " may not be used from this address");
  refuse({.apis = {"invoices"}}, " is not for this API");
  cases.emplace_back("nonsense", "is none of ours");
  cases.emplace_back(std::string(store::PresentedKey::random().text().view()), " is not known");
  std::string other = issue();
  other.back() = other.back() == 'A' ? 'E' : 'A';
  cases.emplace_back(other, " has another secret");
  for (const auto& [key, said] : cases) {
    ExchangeFixture f;
    EXPECT_EQ(ask(policy, f, key), "authenticate.invalid") << said;
    EXPECT_THAT(why(f), HasSubstr(said));
    EXPECT_FALSE(f.x.identity);
    if (key.size() == store::kKeyTextSize) {
      EXPECT_THAT(why(f), HasSubstr(key.substr(4, 16))) << "the id, to find the key by";
      EXPECT_THAT(why(f), Not(HasSubstr(key.substr(21))));
    }
  }
}

TEST_F(ApiKeys, OfDisabledConsumersAreRefusedAtOnce) {
  const PolicyFixture policy = this->policy();
  const std::string key = issue();
  ExchangeFixture before;
  EXPECT_EQ(ask(policy, before, key), "passed");
  ada_.disabled = true;
  publish(last_, ada_);
  ExchangeFixture after;
  EXPECT_EQ(ask(policy, after, key), "authenticate.invalid");
  EXPECT_THAT(why(after), HasSubstr("disabled"));
}

TEST_F(ApiKeys, AreGoodWithinTheirLimits) {
  const PolicyFixture policy = this->policy();
  const std::string key = issue({.apis = {"invoices", "orders"}, .networks = {"192.0.2.0/24"}});
  ExchangeFixture inside;
  EXPECT_EQ(ask(policy, inside, key), "passed");
  ExchangeFixture outside;
  outside.client("198.51.100.1");
  EXPECT_EQ(ask(policy, outside, key), "authenticate.invalid");
  ExchangeFixture unrouted;
  unrouted.x.callers = &directory_;
  unrouted.header("X-API-Key", key);
  EXPECT_EQ(policy.request(unrouted), "authenticate.invalid");
}

TEST_F(ApiKeys, OfWhichThereAreTwoAreRefused) {
  const std::string key = issue();
  ExchangeFixture headers;
  headers.header("x-api-key", key);
  EXPECT_EQ(ask(policy(), headers, key), "authenticate.invalid");
  ExchangeFixture query;
  const std::string twice = "key=" + key + "&k%65y=" + key;
  query.x.request.query = twice;
  EXPECT_EQ(ask(policy(R"({"query": "key"})"), query), "authenticate.invalid");
}

TEST_F(ApiKeys, AreChallengedFor) {
  const PolicyFixture policy = this->policy(R"({"header": "X-Partner"})");
  ExchangeFixture f;
  EXPECT_EQ(ask(policy, f), "authenticate.missing");
  f.x.reason = f.x.trail.entries().back().reason;  // as the gateway does
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_THAT(f.response_values("WWW-Authenticate"), HasSubstr("ApiKey"));
  EXPECT_THAT(f.response_values("WWW-Authenticate"),
              HasSubstr("in=\"header\", name=\"X-Partner\""));
}

TEST_F(ApiKeys, NeedAStore) {
  scope_.keeps_state = false;
  EXPECT_THAT(policy().errors, HasSubstr("needs a store of keys, and the file names none"));
  const PolicyFixture alone("authenticate", R"({"api_key": {}})");
  EXPECT_THAT(alone.errors, HasSubstr("needs a store of keys"));
  scope_.keeps_state = true;
  EXPECT_THAT(policy().errors, IsEmpty());
  ExchangeFixture f;
  f.header("X-API-Key", issue());
  EXPECT_EQ(policy().request(f), "authenticate.unavailable") << "where nothing is open";
}

TEST_F(ApiKeys, StandInOnePlaceOnly) {
  EXPECT_THAT(policy(R"({"header": "A", "query": "b"})").errors, Not(IsEmpty()));
  EXPECT_THAT(policy(R"({"header": "A B"})").errors, HasSubstr("not a name that HTTP allows"));
}

}  // namespace
}  // namespace sallyport
