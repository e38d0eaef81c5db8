// What an API key costs a request, among 100,000 in memory: the whole of the policy, from the
// header to the identity, with the key taken out of the request.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "policies/policy_fixture.h"
#include "store/key_text.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport::policies {
namespace {

constexpr std::size_t kKeys = 100'000;

struct Callers {
  Callers() {
    store::ViewChanges changes;
    for (std::size_t i = 0; i < kKeys; ++i) {
      const store::Consumer consumer{.id = store::PublicId::random().text(),
                                     .name = "c" + std::to_string(i),
                                     .groups = {"partners"},
                                     .roles = {"reader", "writer"}};
      const auto presented = store::PresentedKey::random();
      const std::string id = presented.id().text();
      changes.consumers[consumer.id] = consumer;
      changes.keys[id] = store::ApiKey{.id = id,
                                       .consumer = consumer.id,
                                       .secret_hash = presented.hash(*hash),
                                       .networks = {"192.0.2.0/24", "10.0.0.0/8"},
                                       .scopes = {"orders:read", "orders:write"}};
      texts.emplace_back(presented.text().view());
      unknown.emplace_back(store::PresentedKey::random().text().view());
    }
    directory.publish(builder.next(changes));
  }
  std::shared_ptr<const store::KeyedHash> hash =
      std::make_shared<store::KeyedHash>(std::string(32, 'k'));
  store::ViewBuilder builder{hash};
  store::CallerDirectory directory{builder.view()};
  std::vector<std::string> texts;
  std::vector<std::string> unknown;
};

Callers& callers() {
  static Callers callers;
  return callers;
}

// `policy` and a request are made once; each turn is a request with another key.
void ask(benchmark::State& state, std::string_view block, const std::vector<std::string>& texts,
         bool good) {
  schema::LoadScope scope;
  scope.keeps_state = true;
  const testing::PolicyFixture policy("authenticate", block, &scope);
  if (!policy.errors.empty()) std::abort();
  std::size_t next = 0;
  for (auto _ : state) {
    std::array<std::byte, 2048> memory;  // NOLINT(*-member-init): the arena's
    Arena arena(memory);
    Exchange x(arena);
    x.callers = &callers().directory;
    x.client.address = *net::Address::parse("192.0.2.7");
    x.request.headers.add("Host", "api.example.com");
    x.request.headers.add("User-Agent", "bench/1");
    x.request.headers.add("Accept", "application/json");
    x.request.headers.add("X-API-Key", texts[next++ * 7919 % kKeys]);
    const Verdict verdict = testing::now(policy.pipeline.on_request(x));
    if (verdict.has_value() != good) std::abort();
    benchmark::DoNotOptimize(x.identity);
  }
}

// What the loop itself costs: an exchange and its headers.
void bare(benchmark::State& state) {
  std::size_t next = 0;
  for (auto _ : state) {
    std::array<std::byte, 2048> memory;  // NOLINT(*-member-init): the arena's
    Arena arena(memory);
    Exchange x(arena);
    x.callers = &callers().directory;
    x.client.address = *net::Address::parse("192.0.2.7");
    x.request.headers.add("Host", "api.example.com");
    x.request.headers.add("User-Agent", "bench/1");
    x.request.headers.add("Accept", "application/json");
    x.request.headers.add("X-API-Key", callers().texts[next++ * 7919 % kKeys]);
    benchmark::DoNotOptimize(x);
  }
}
BENCHMARK(bare);

void good_key(benchmark::State& state) { ask(state, R"({"api_key": {}})", callers().texts, true); }
BENCHMARK(good_key);

void unknown_key(benchmark::State& state) {
  ask(state, R"({"api_key": {}})", callers().unknown, false);
}
BENCHMARK(unknown_key);

}  // namespace
}  // namespace sallyport::policies
