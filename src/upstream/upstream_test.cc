// Which endpoint gets a request: balancing, health, ejection, slow start, and what a new
// configuration carries over.
#include "upstream/upstream.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "policy/exchange.h"
#include "upstream/upstreams.h"

namespace sallyport::upstream {
namespace {

Settings settings_with(Balance balance, const std::vector<std::uint32_t>& weights) {
  Settings settings;
  settings.name = "u";
  settings.balance = balance;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    settings.endpoints.push_back(
        {.host = "127.0.0." + std::to_string(i + 1), .port = 9000, .weight = weights[i]});
  }
  return settings;
}

// A worker's view of one upstream, and an exchange to choose for.
class Choosing {
 public:
  explicit Choosing(const Settings& settings)
      : upstream(std::make_shared<Upstream>(settings, nullptr)),
        local(reactor, upstream),
        arena(memory),
        x(arena) {
    (void)local.refresh(pools);
    x.client.text = "192.0.2.1";
  }
  std::string choose(const Pool* except = nullptr) {
    Pool* pool = local.choose(x, random, except);
    return pool != nullptr ? pool->endpoint().text() : "";
  }
  std::map<std::string, int> count(int times) {
    std::map<std::string, int> counts;
    for (int i = 0; i < times; ++i) ++counts[choose()];
    return counts;
  }
  Endpoint& endpoint(std::size_t i) { return local.pools().at(i)->endpoint(); }

  async::Reactor reactor;
  Random random;
  std::shared_ptr<Upstream> upstream;
  std::unordered_map<Endpoint*, std::unique_ptr<Pool>> pools;
  LocalUpstream local;
  std::array<std::byte, 4096> memory{};
  Arena arena;
  Exchange x;
};

TEST(RoundRobin, GivesEveryEndpointItsShareByWeight) {
  Choosing c(settings_with(Balance::round_robin, {1, 2, 3}));
  std::map<std::string, int> counts = c.count(600);
  EXPECT_EQ(counts["127.0.0.1:9000"], 100);
  EXPECT_EQ(counts["127.0.0.2:9000"], 200);
  EXPECT_EQ(counts["127.0.0.3:9000"], 300);
}

TEST(RoundRobin, SpreadsAHeavyEndpointInsteadOfBurstingIt) {
  Choosing c(settings_with(Balance::round_robin, {2, 1, 1}));
  std::string previous;
  int doubles = 0;
  for (int i = 0; i < 40; ++i) {
    std::string chosen = c.choose();
    if (chosen == previous) ++doubles;
    previous = chosen;
  }
  EXPECT_LE(doubles, 10);
}

TEST(LeastRequest, PrefersTheEndpointWithFewerRequestsUnderWay) {
  Choosing c(settings_with(Balance::least_request, {1, 1}));
  c.local.pools()[0]->active = 50;
  EXPECT_EQ(c.count(100)["127.0.0.2:9000"], 100);
}

TEST(LeastRequest, UsesAllEndpointsWhenTheyAreEquallyBusy) {
  Choosing c(settings_with(Balance::least_request, {1, 1, 1}));
  std::map<std::string, int> counts = c.count(3000);
  for (const auto& [endpoint, count] : counts) EXPECT_GT(count, 700) << endpoint;
  EXPECT_EQ(counts.size(), 3U);
}

TEST(ConsistentHash, SendsTheSameKeyToTheSameEndpoint) {
  Choosing c(settings_with(Balance::consistent_hash, {1, 1, 1, 1}));
  EXPECT_EQ(c.count(50).size(), 1U);
}

TEST(ConsistentHash, MovesFewKeysWhenAnEndpointGoes) {
  Choosing four(settings_with(Balance::consistent_hash, {1, 1, 1, 1}));
  Choosing three(settings_with(Balance::consistent_hash, {1, 1, 1}));
  int moved = 0;
  std::array<std::string, 1000> keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = "198.51.100." + std::to_string(i);
    four.x.client.text = keys[i];
    three.x.client.text = keys[i];
    std::string before = four.choose();
    if (before != "127.0.0.4:9000" && before != three.choose()) ++moved;
  }
  EXPECT_EQ(moved, 0);  // only the keys of the endpoint that went may move
}

TEST(ConsistentHash, ReadsTheKeyFromAHeaderOrACookie) {
  for (HashSource source : {HashSource::header, HashSource::cookie}) {
    Settings settings = settings_with(Balance::consistent_hash, {1, 1, 1, 1, 1, 1, 1, 1});
    settings.hash_source = source;
    settings.hash_name = "Session";
    std::map<std::string, int> counts;
    for (int i = 0; i < 64; ++i) {
      Choosing c(settings);
      std::string value = "v" + std::to_string(i);
      if (source == HashSource::cookie) value = "a=b; Session=" + value + "; c=d";
      std::string_view name = source == HashSource::cookie ? "Cookie" : "Session";
      c.x.request.headers.add(name, value);
      ++counts[c.choose()];
    }
    EXPECT_GT(counts.size(), 4U) << static_cast<int>(source);
  }
}

TEST(Health, AnUnhealthyEndpointGetsNothingUntilItHasProvedItself) {
  Choosing c(settings_with(Balance::round_robin, {1, 1}));
  HealthSettings health;
  EXPECT_FALSE(c.endpoint(0).probed(false, health, 1));
  EXPECT_FALSE(c.endpoint(0).probed(false, health, 2));
  EXPECT_TRUE(c.endpoint(0).probed(false, health, 3));
  EXPECT_EQ(c.count(10)["127.0.0.2:9000"], 10);
  EXPECT_FALSE(c.endpoint(0).probed(true, health, 4));
  EXPECT_TRUE(c.endpoint(0).probed(true, health, 5));
  EXPECT_EQ(c.count(10)["127.0.0.1:9000"], 5);
}

TEST(Health, NoEndpointIsChosenWhenAllAreUnhealthy) {
  Choosing c(settings_with(Balance::least_request, {1, 1}));
  HealthSettings health;
  for (std::size_t i = 0; i < 2; ++i) {
    for (int n = 0; n < 3; ++n) (void)c.endpoint(i).probed(false, health, 1);
  }
  EXPECT_EQ(c.choose(), "");
}

TEST(Ejection, FailuresInARowTakeAnEndpointOutForATimeThatDoubles) {
  Choosing c(settings_with(Balance::round_robin, {1, 1}));
  EjectionSettings ejection;
  ejection.consecutive_failures = 3;
  std::uint64_t now = c.reactor.now();
  Endpoint& endpoint = c.endpoint(0);
  for (int i = 0; i < 2; ++i) endpoint.failed(ejection, now, true);
  endpoint.succeeded();  // a success ends the row
  for (int i = 0; i < 2; ++i) endpoint.failed(ejection, now, true);
  EXPECT_FALSE(endpoint.ejected(now));
  endpoint.failed(ejection, now, true);
  EXPECT_TRUE(endpoint.ejected(now + 9'999));
  EXPECT_FALSE(endpoint.ejected(now + 10'000));
  EXPECT_EQ(c.count(10)["127.0.0.2:9000"], 10);
  now += 10'000;
  for (int i = 0; i < 3; ++i) endpoint.failed(ejection, now, true);
  EXPECT_TRUE(endpoint.ejected(now + 19'999));
}

TEST(Ejection, NeverTakesMoreThanItsShareAndNeverTheLast) {
  Choosing c(settings_with(Balance::round_robin, {1, 1}));
  EXPECT_TRUE(c.local.may_eject());
  EjectionSettings ejection;
  ejection.consecutive_failures = 1;
  c.endpoint(0).failed(ejection, c.reactor.now(), c.local.may_eject());
  EXPECT_FALSE(c.local.may_eject());
  Choosing one(settings_with(Balance::round_robin, {1}));
  EXPECT_FALSE(one.local.may_eject());
}

TEST(Ejection, EndpointsThatAreAllOutAreUsedAllTheSame) {
  Choosing c(settings_with(Balance::round_robin, {1, 1}));
  EjectionSettings ejection;
  ejection.consecutive_failures = 1;
  for (std::size_t i = 0; i < 2; ++i) c.endpoint(i).failed(ejection, c.reactor.now(), true);
  EXPECT_EQ(c.count(10).size(), 2U);
}

TEST(Choosing, AvoidsTheEndpointThatHasJustFailed) {
  for (Balance balance : {Balance::round_robin, Balance::least_request, Balance::consistent_hash}) {
    Choosing c(settings_with(balance, {1, 1}));
    const Pool* failed = c.local.choose(c.x, c.random, nullptr);
    for (int i = 0; i < 20; ++i) {
      EXPECT_NE(c.local.choose(c.x, c.random, failed), failed) << static_cast<int>(balance);
    }
  }
}

TEST(SlowStart, AnEndpointThatComesBackGetsLittleAtFirst) {
  Settings settings = settings_with(Balance::round_robin, {1, 1});
  settings.slow_start = std::chrono::minutes(10);
  Choosing c(settings);
  HealthSettings health;
  for (int n = 0; n < 3; ++n) (void)c.endpoint(0).probed(false, health, 1);
  for (int n = 0; n < 2; ++n) (void)c.endpoint(0).probed(true, health, c.reactor.now());
  std::map<std::string, int> counts = c.count(1100);
  EXPECT_GT(counts["127.0.0.1:9000"], 50);
  EXPECT_LT(counts["127.0.0.1:9000"], 200);
}

TEST(Upstream, KeepsWhatItKnowsOfAnAddressOverAReload) {
  Settings settings = settings_with(Balance::round_robin, {1, 1});
  Upstream before(settings, nullptr);
  settings.response_timeout = std::chrono::seconds(1);
  settings.endpoints.pop_back();
  Upstream after(settings, &before);
  ASSERT_EQ(after.endpoints()->endpoints.size(), 1U);
  EXPECT_EQ(after.endpoints()->endpoints[0], before.endpoints()->endpoints[0]);
}

TEST(Upstream, ForgetsConnectionsWhenTheWayOfConnectingChanges) {
  Settings settings = settings_with(Balance::round_robin, {1});
  Upstream before(settings, nullptr);
  settings.tls_fingerprint = "other";
  Upstream after(settings, &before);
  EXPECT_NE(after.endpoints()->endpoints[0], before.endpoints()->endpoints[0]);
}

TEST(Upstream, ANameThatCannotBeLookedUpKeepsItsAddresses) {
  Settings settings;
  settings.name = "u";
  settings.endpoints.push_back({.host = "api.example.com", .port = 80, .weight = 1});
  Upstream upstream(settings, nullptr);
  EXPECT_TRUE(upstream.endpoints()->endpoints.empty());
  std::uint64_t generation = upstream.generation();
  upstream.update(0, {async::SocketAddress::literal("192.0.2.7", 80)});
  EXPECT_EQ(upstream.endpoints()->endpoints.size(), 1U);
  EXPECT_GT(upstream.generation(), generation);
  upstream.update(0, {});
  EXPECT_EQ(upstream.endpoints()->endpoints.size(), 1U);
}

}  // namespace
}  // namespace sallyport::upstream
