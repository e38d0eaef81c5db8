// How long a large configuration takes from text to snapshot.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "config/load.h"

namespace sallyport::config {
namespace {

// `count` APIs, each with a policy, a rewrite and a route of its own.
std::string apis(std::int64_t count) {
  std::string text = "listen: \"127.0.0.1:8080\"\napis:\n";
  for (std::int64_t i = 0; i < count; ++i) {
    std::string name = "api" + std::to_string(i);
    text += "  " + name + ":\n    path: /" + name +
            "\n    upstream: http://127.0.0.1:9000\n    public: true\n" +
            "    rewrite: {prefix: /x}\n    request_limits: {body: 1MiB}\n" +
            "    routes:\n      - {path: \"/{id}\", methods: [GET, PUT]}\n";
  }
  return text;
}

void load_apis(benchmark::State& state) {
  std::string text = apis(state.range(0));
  LoadOptions options;
  options.offline = true;
  for (auto _ : state) {
    LoadResult result = load_text(text, "bench.yaml", options);
    if (result.snapshot == nullptr) std::abort();
  }
}
BENCHMARK(load_apis)->Arg(10)->Arg(5000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sallyport::config
