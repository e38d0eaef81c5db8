// For tests, fuzzers and benchmarks only: an exchange with everything set, as the gateway leaves
// it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/random.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/route.h"

namespace sallyport::telemetry {

inline constexpr Reason kSampleReason{"sample.refused", 403, "The sample refuses."};
inline constexpr Reason kSampleUpstreamReason{"sample.upstream", 502, "The sample is down.",
                                              Blame::upstream};

// A route whose pipeline holds policies of these names.
inline std::unique_ptr<Route> sample_route(std::uint32_t index, std::string api, std::string name,
                                           const std::vector<std::string>& policies) {
  auto route = std::make_unique<Route>();
  route->index = index;
  route->api = std::move(api);
  route->name = std::move(name);
  std::vector<PlacedPolicy> placed;
  placed.reserve(policies.size());
  for (const std::string& policy : policies) {
    placed.push_back({.name = policy, .policy = std::make_shared<const Policy>()});
  }
  route->pipeline = Pipeline(std::move(placed));
  return route;
}

class SampleExchange {
 public:
  explicit SampleExchange(const Route* route) {
    x.route = route;
    x.client.text = "192.0.2.7";
    x.client.port = 50123;
    x.tls = {.version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256", .on = true};
    write_hex(x.request_id.data(), 0x0123456789abcdefU);
    write_hex(x.request_id.data() + 16, 0xfedcba9876543210U);
    x.trace_id = x.request_id;
    write_hex(x.span_id.data(), 0x1122334455667788U);
    x.request.method = "GET";
    x.request.method_id = http::Method::get;
    x.request.host = "api.example.com";
    x.request.path = "/orders/4711/invoice";
    x.request.query = "page=2&sort=date";
    x.request.has_query = true;
    x.request.headers.add(http::HeaderId::user_agent, "Mozilla/5.0 (X11; Linux x86_64) Sample/1.0");
    x.response.status = 200;
    x.bytes_in = 412;
    x.bytes_out = 1337;
    x.timings.started = 1;
    x.upstream = {
        .name = "orders", .endpoint = "10.0.0.1:9000", .status = 200, .connection_reused = true};
    if (route == nullptr) return;
    for (std::size_t i = 0; i < route->pipeline.policies().size(); ++i) {
      x.trail.add({.nanoseconds = 250, .policy = static_cast<std::uint16_t>(i)});
    }
  }

 private:
  std::array<std::byte, 4096> memory_;
  Arena arena_{memory_};

 public:
  Exchange x{arena_};
};

}  // namespace sallyport::telemetry
