// What deciding by 1,000 rules costs, for rules told apart by path, scope, role or consumer; the
// first, the last, and none that fits.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <deque>
#include <string>

#include "policies/authorize/caller_fixture.h"
#include "policies/authorize/rule_set.h"

namespace sallyport::policies::authorize_detail {
namespace {

constexpr int kRules = 1000;

std::string numbered(const char* word, int i) { return word + std::to_string(i); }

RuleSettings rule_of(std::string_view kind, int i) {
  RuleSettings rule;
  if (kind == "path") {
    rule.path = "/api/v1/service-" + std::to_string(i) + "/orders/{id}";
    rule.methods = {"GET", "POST"};
    rule.scopes = {"orders:read"};
  } else if (kind == "owner") {
    rule.path = "/service-" + std::to_string(i) + "/orders/{id}";
    rule.when = Condition{.expression = Expression::parse("claims.sub == path.id").value()};
  } else if (kind == "scope") {
    rule.scopes = {numbered("service:", i)};
    rule.methods = {i % 2 == 0 ? "GET" : "POST"};
  } else if (kind == "role") {
    rule.roles = {numbered("role-", i), numbered("role-", i + 1)};
  } else {
    rule.consumers = {numbered("consumer-", i)};
    rule.path = "/orders/*";
  }
  return rule;
}

void decide(benchmark::State& state, std::string_view kind, bool fits) {
  std::vector<RuleSettings> settings;
  for (int i = 0; i < kRules; ++i) settings.push_back(rule_of(kind, i));
  schema::Diagnostics diagnostics;
  const RuleSet rules(std::move(settings), {}, diagnostics);

  // Each asks for another rule, so that the index competes for the caches.
  std::deque<std::string> texts;
  std::deque<testing::Caller> callers;
  std::deque<testing::ExchangeFixture> requests;
  for (int i = 0; i < 64; ++i) {
    const int wanted = fits ? i * 7919 % kRules : kRules + 100 + i;
    auto keep = [&](std::string text) -> std::string_view {
      return texts.emplace_back(std::move(text));
    };
    testing::Caller& caller = callers.emplace_back(R"({"sub": "4711", "aud": "orders"})");
    caller->consumer = keep(numbered("consumer-", wanted));
    caller->subject = "4711";
    caller->issuer = "https://id.example";
    caller.scopes({"openid", "profile", "orders:read", keep(numbered("service:", wanted))});
    caller.roles({"employee", keep(numbered("role-", wanted))}).groups({"staff", "eu"});
    testing::ExchangeFixture& f = requests.emplace_back();
    std::string path = "/orders/4711";
    if (kind == "path") path = "/api/v1/service-" + std::to_string(wanted) + path;
    if (kind == "owner") path = "/service-" + std::to_string(wanted) + path;
    f.request(wanted % 2 == 0 ? "GET" : "POST", path);
    caller.call(f);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    Facts facts(requests[next++ & 63].x);
    const Decision decision = rules.decide(facts);
    if (decision.allows() != fits) std::abort();
    benchmark::DoNotOptimize(decision);
  }
}

BENCHMARK_CAPTURE(decide, path, "path", true);
BENCHMARK_CAPTURE(decide, path_none, "path", false);
BENCHMARK_CAPTURE(decide, owner, "owner", true);
BENCHMARK_CAPTURE(decide, owner_none, "owner", false);
BENCHMARK_CAPTURE(decide, scope, "scope", true);
BENCHMARK_CAPTURE(decide, scope_none, "scope", false);
BENCHMARK_CAPTURE(decide, role, "role", true);
BENCHMARK_CAPTURE(decide, role_none, "role", false);
BENCHMARK_CAPTURE(decide, consumer, "consumer", true);
BENCHMARK_CAPTURE(decide, consumer_none, "consumer", false);

}  // namespace
}  // namespace sallyport::policies::authorize_detail
