// How an upstream is configured, already checked and typed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/tls_context.h"

namespace sallyport::upstream {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

struct EndpointSettings {
  std::string host;  // name or literal address, IPv6 without brackets
  std::uint16_t port = 0;
  std::uint32_t weight = 1;  // 1..1000
  friend bool operator==(const EndpointSettings&, const EndpointSettings&) = default;
};

enum class Balance : std::uint8_t { round_robin, least_request, consistent_hash };
enum class HashSource : std::uint8_t { address, header, cookie };

struct HealthSettings {
  std::string path = "/";
  std::string host;  // Host of the probe; empty: the endpoint's
  std::chrono::milliseconds every = 5s;
  std::chrono::milliseconds timeout = 2s;
  std::uint32_t healthy_after = 2;    // successes in a row
  std::uint32_t unhealthy_after = 3;  // failures in a row
};

struct EjectionSettings {
  std::uint32_t consecutive_failures = 5;  // connect failures, timeouts, 502/503/504; 0: off
  std::chrono::milliseconds base = 10s;    // doubled each time, up to `most`
  std::chrono::milliseconds most = 300s;
  std::uint32_t most_percent = 50;  // never eject more than this share of the endpoints
};

struct Settings {
  std::string name;
  std::vector<EndpointSettings> endpoints;
  Balance balance = Balance::round_robin;
  HashSource hash_source = HashSource::address;
  std::string hash_name;  // of the header or cookie
  std::optional<HealthSettings> health;
  EjectionSettings ejection;
  std::chrono::milliseconds slow_start{0};
  std::chrono::milliseconds connect_timeout = 5s;
  std::chrono::milliseconds response_timeout = 60s;  // from request sent to response head
  std::chrono::milliseconds idle_timeout = 60s;      // between two reads or writes of a body
  std::chrono::milliseconds keep_alive = 55s;        // an unused connection is closed after this
  std::uint32_t keep_alive_connections = 1024;       // unused ones kept, per worker and endpoint
  std::shared_ptr<async::TlsClientContext> tls;      // null: plain
  std::string tls_fingerprint;                       // of the options, to tell pools apart
  std::string tls_server_name;                       // SNI and certificate name; empty: endpoint's
};

}  // namespace sallyport::upstream
