// What would happen to a request, found out without sending anything: read, routed and judged by
// the very code that serves, on a configuration that may or may not be in force.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/snapshot.h"

namespace sallyport::gateway {

// The request, as somebody would describe it.
struct SyntheticRequest {
  std::string method;
  std::string url;                   // "https://api.example.com/orders/7", or a path alone
  std::string client;                // the peer's address; empty: 127.0.0.1
  std::vector<std::string> headers;  // "Name: value"
  bool tls = false;                  // also when the URL says https
};

// An early end.
struct Refusal {
  std::string code;
  std::uint16_t status = 0;
  std::string title;
  std::string detail;
};

struct ExplainedPolicy {
  enum class Decision : std::uint8_t {
    passes,
    stops,
    would_stop,     // if it were not only monitored
    needs_body,     // decides once it has seen the request body
    needs_waiting,  // decides once something outside this process has answered
    later,          // looks at the response only, also at that of a refusal
    not_reached,
  };
  std::string name;
  std::string stage;
  std::string origin;  // "api.yaml:12:5", or "default"
  bool monitor = false;
  bool looks_at_body = false;
  bool looks_at_response = false;
  Decision decision = Decision::not_reached;
  std::optional<Refusal> refusal;  // with stops and would_stop
};

struct ExplainedRoute {
  std::string name;
  std::string api;
  std::string origin;
  std::string pattern;  // "/orders/{id}"
  std::vector<std::string> hosts;
  std::vector<std::string> methods;
  std::vector<std::pair<std::string, std::string>> parameters;
};

struct ExplainedUpstream {
  struct Endpoint {
    std::string address;
    std::string state;  // "healthy", "unhealthy", "ejected"; "configured" if not in force
  };
  std::string name;
  std::vector<Endpoint> endpoints;
  std::string target;  // path and query as sent there
  std::string host;    // Host as sent there; empty: that of the endpoint chosen
};

struct Explanation {
  std::string method;
  std::string url;
  std::string client;  // once trusted proxies are believed
  bool client_from_header = false;
  bool tls = false;

  // As read; empty when the request cannot be read.
  std::string host;
  std::string path;
  std::string query;
  bool has_query = false;
  std::optional<ExplainedRoute> route;
  std::vector<ExplainedPolicy> policies;
  // How it ends before an upstream is asked. With a status below 400 it is an answer all the same.
  std::optional<Refusal> end;
  std::string allowed_methods;  // with a 405
  bool undecided = false;       // a policy could not decide yet; the ones behind it were asked
  std::optional<ExplainedUpstream> upstream;  // who would be asked
};

// Nothing with `error` (a sentence) if the description is none of a request at all. Whatever the
// gateway itself would refuse is explained. A policy that has to wait for something outside keeps
// the configuration for as long as that takes.
[[nodiscard]] std::optional<Explanation> explain(std::shared_ptr<const config::Snapshot> snapshot,
                                                 const SyntheticRequest& request,
                                                 std::string& error);

// "forwarded", "refused", "answered" (by the gateway itself, as redirects and preflights are), or
// "undecided".
[[nodiscard]] std::string_view outcome_of(const Explanation& explanation);

[[nodiscard]] std::string to_json(const Explanation& explanation, int indent = 2);

}  // namespace sallyport::gateway
