// Nanoseconds per finished exchange for each of the three records, and for all of them together.
#include <benchmark/benchmark.h>

#include "telemetry/recorder.h"
#include "telemetry/sample_exchange.h"

namespace sallyport::telemetry {
namespace {

// An exchange as most are: routed, five policies passed, answered by an upstream.
struct Bench {
  Bench()
      : route(sample_route(3, "orders", "orders /{id}/invoice", kPolicies)), sample(route.get()) {
    Ticks::calibrate();
    sample.x.timings.started = Ticks::now();
  }
  inline static const std::vector<std::string> kPolicies = {"ip_allow", "cors", "request_limits",
                                                            "headers", "security_headers"};
  std::unique_ptr<Route> route;
  SampleExchange sample;
  std::unique_ptr<LogSink> sink = std::move(*LogSink::open({.path = "/dev/null"}));
  Metrics metrics{"bench"};
  WorkerMetrics& counters = metrics.add_worker();
  RouteBook book{counters};
  MaskedNames masked;
  LogContext context = finish(sample.x, Ticks::now(), WallClock(), masked, book, 7);
};

void log(benchmark::State& state) {
  Bench bench;
  AccessLog log(bench.sink.get());
  while (state.KeepRunning()) log.record(bench.sample.x, bench.context);
}
BENCHMARK(log);

// The clock, the masked query and the route's notes, which all three need.
void context(benchmark::State& state) {
  Bench bench;
  WallClock clock;
  while (state.KeepRunning()) {
    LogContext context = finish(bench.sample.x, Ticks::now(), clock, bench.masked, bench.book, 7);
    benchmark::DoNotOptimize(context);
  }
}
BENCHMARK(context);

void metrics(benchmark::State& state) {
  Bench bench;
  while (state.KeepRunning()) bench.counters.record(bench.sample.x, bench.context);
}
BENCHMARK(metrics);

void ring(benchmark::State& state) {
  Bench bench;
  TrailRing ring(4096);
  while (state.KeepRunning()) ring.record(bench.sample.x, bench.context);
}
BENCHMARK(ring);

void all(benchmark::State& state) {
  Bench bench;
  Recorder recorder(bench.sink.get(), bench.counters, 4096);
  while (state.KeepRunning()) recorder.record(bench.sample.x, 7);
}
BENCHMARK(all);

// 10,000 routes used in turn: every series is cold.
void all_with_many_routes(benchmark::State& state) {
  Bench bench;
  Recorder recorder(bench.sink.get(), bench.counters, 4096);
  std::vector<std::unique_ptr<Route>> routes;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    std::string name = "route " + std::to_string(i);
    routes.push_back(sample_route(i, "orders", name, Bench::kPolicies));
  }
  std::size_t i = 0;
  while (state.KeepRunning()) {
    bench.sample.x.route = routes[i].get();
    i = i + 1 == routes.size() ? 0 : i + 1;
    recorder.record(bench.sample.x, 7);
  }
}
BENCHMARK(all_with_many_routes);

}  // namespace
}  // namespace sallyport::telemetry
