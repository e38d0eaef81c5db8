// What an API key costs a request, among 100,000 in memory: the whole of the policy, from the
// header to the identity, with the key taken out of the request.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <functional>
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

// Each turn is a request with another of the `texts`, given to `answer`.
void ask(benchmark::State& state, const std::vector<std::string>& texts,
         const std::function<void(Exchange&)>& answer) {
  const store::CallerDirectory& directory = callers().directory;
  const net::Address address = *net::Address::parse("192.0.2.7");
  std::size_t next = 0;
  for (auto _ : state) {
    std::array<std::byte, 2048> memory;  // NOLINT(*-member-init): the arena's
    Arena arena(memory);
    Exchange x(arena);
    x.callers = &directory;
    x.client.address = address;
    x.request.headers.add("Host", "api.example.com");
    x.request.headers.add("User-Agent", "bench/1");
    x.request.headers.add("Accept", "application/json");
    // The key has just been read from a connection: it is not what comes from cold memory.
    std::array<char, store::kKeyTextSize> received;  // NOLINT(*-member-init): filled here
    texts[next++ * 7919 % kKeys].copy(received.data(), received.size());
    x.request.headers.add("X-API-Key", {received.data(), received.size()});
    answer(x);
    benchmark::DoNotOptimize(x);
  }
}

void ask_policy(benchmark::State& state, const std::vector<std::string>& texts, bool good) {
  schema::LoadScope scope;
  scope.keeps_state = true;
  const testing::PolicyFixture policy("authenticate", R"({"api_key": {}})", &scope);
  if (!policy.errors.empty()) std::abort();
  ask(state, texts, [&](Exchange& x) {
    const Verdict verdict = testing::now(policy.pipeline.on_request(x));
    if (verdict.has_value() != good) std::abort();
  });
}

// What the loop itself costs: an exchange and its headers, of which one comes from anywhere.
void bare(benchmark::State& state) {
  ask(state, callers().texts, [](Exchange& x) { benchmark::DoNotOptimize(x.request); });
}
BENCHMARK(bare);

// Whose hash was compared before, as of all but the first request with it.
void good_key(benchmark::State& state) {
  const auto view = callers().directory.view();
  for (const std::string& text : callers().texts) benchmark::DoNotOptimize(view->find_key(text, 1));
  ask_policy(state, callers().texts, true);
}
BENCHMARK(good_key);

void unknown_key(benchmark::State& state) { ask_policy(state, callers().unknown, false); }
BENCHMARK(unknown_key);

}  // namespace
}  // namespace sallyport::policies
