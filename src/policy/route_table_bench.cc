// Finding a route among 10 and among 10,000: by path, by host, and when there is none.
#include <benchmark/benchmark.h>

#include <deque>
#include <string>

#include "policy/exchange_fixture.h"
#include "policy/route.h"

namespace sallyport {
namespace {

struct Fixture {
  explicit Fixture(std::int64_t count) {
    std::vector<const Route*> pointers;
    pointers.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      Route& route = routes.emplace_back();
      std::string n = std::to_string(i);
      std::string path = "/service-" + n + "/orders/{id}/items";
      if (i % 2 == 1) {
        route.hosts.push_back("host-" + n + ".example.com");
        path = "/orders/{id}/items";
      }
      route.path = PathTemplate::parse(path, nullptr).value();
      route.methods = {"GET", "POST"};
      pointers.push_back(&route);
    }
    if (!table.build(pointers).empty()) std::abort();
  }
  std::deque<Route> routes;
  RouteTable table;
};

// Asks for a different route every time, so that the table competes for the caches.
void find(benchmark::State& state, std::string_view kind) {
  Fixture fixture(state.range(0));
  std::deque<testing::ExchangeFixture> requests;
  for (std::int64_t i = 0; i < 256; ++i) {
    std::int64_t route = i * 7919 % state.range(0);
    testing::ExchangeFixture& f = requests.emplace_back();
    if (kind == "host") {
      f.request("POST", "/orders/4711/items", "host-" + std::to_string(route | 1) + ".example.com");
    } else if (kind == "path") {
      f.request("POST",
                "/service-" + std::to_string(route & ~std::int64_t{1}) + "/orders/4711/items");
    } else {
      f.request("POST", "/service-x/orders/4711/items");
    }
  }
  std::size_t next = 0;
  for (auto _ : state) {
    std::array<std::string_view, 8> parameters;
    RouteMatch match = fixture.table.match(requests[next++ & 255].x.request, parameters);
    if ((match.route == nullptr) != (kind == "none")) std::abort();
    benchmark::DoNotOptimize(match);
  }
}

BENCHMARK_CAPTURE(find, path, "path")->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(find, host, "host")->Arg(10)->Arg(10'000);
BENCHMARK_CAPTURE(find, none, "none")->Arg(10)->Arg(10'000);

}  // namespace
}  // namespace sallyport
