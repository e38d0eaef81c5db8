// What a token costs that the gateway has seen before: `warm` less `request_alone`, which makes the
// same request and asks nobody.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "jose/jws.h"
#include "policies/policy_fixture.h"

namespace sallyport::policies {
namespace {

constexpr int kCallers = 64;  // so that tokens and cache compete for the processor's caches

struct Callers {
  Callers() {
    const jose::Key key = *jose::Key::generate(jose::Algorithm::es256, "one");
    keys = "{\"keys\":[" + key.to_public_jwk() + "]}";
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    for (int i = 0; i < kCallers; ++i) {
      const std::string claims =
          R"({"iss":"https://login","aud":"orders","sub":"u-)" + std::to_string(i) +
          R"(","client_id":"app","scope":"orders:read orders:write","roles":["clerk","admin"],)"
          R"("note":")" +
          std::string(440, 'n') + R"(","exp":)" + std::to_string(now.count() + 36'000) + "}";
      values.push_back("Bearer " + *jose::sign_compact(key, jose::Algorithm::es256, "JWT", claims));
    }
  }
  std::string keys;
  std::vector<std::string> values;  // of Authorization, about 1 KB each
};

const Callers& callers() {
  static const Callers all;
  return all;
}

void request_alone(benchmark::State& state) {
  std::size_t next = 0;
  for (auto _ : state) {
    testing::ExchangeFixture f;
    f.header("Authorization", callers().values[next++ % kCallers]);
    benchmark::DoNotOptimize(f.x);
  }
}

void warm(benchmark::State& state) {
  std::string block =
      R"({"jwt": {"issuer": "https://login", "audience": "orders", "keys": {"inline": ")";
  text::append_json_escaped(block, callers().keys);
  const testing::PolicyFixture policy("authenticate", block + "\"}}}");
  std::size_t next = 0;
  for (auto _ : state) {
    testing::ExchangeFixture f;
    f.header("Authorization", callers().values[next++ % kCallers]);
    auto passed = policy.pipeline.on_request(f.x);
    if (!passed.ready() || !f.x.identity) std::abort();
    benchmark::DoNotOptimize(f.x);
  }
}

BENCHMARK(request_alone);
BENCHMARK(warm);

}  // namespace
}  // namespace sallyport::policies
