// One route: which requests it claims and what happens to them. And the table that finds it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/exchange.h"
#include "policy/pipeline.h"

namespace sallyport {

namespace upstream {
class Upstream;
}

// "/orders/{id}" split into segments. `prefix`: also claims everything below.
struct PathTemplate {
  struct Segment {
    std::string text;  // literal, or the parameter's name
    bool parameter = false;
  };
  std::string text;  // as configured: "/orders/{id}"
  std::vector<Segment> segments;
  bool prefix = false;

  // Checks and splits. Literals must be in normalised form; a parameter is a whole segment;
  // a last segment "*" makes it a prefix. At most 8 parameters. Empty on error, `error` says why.
  [[nodiscard]] static std::optional<PathTemplate> parse(std::string_view text, std::string* error);
};

struct Rewrite {
  std::optional<std::string> prefix;  // replaces the route's literal prefix; "" strips it
  std::optional<std::string> host;    // Host sent upstream; unset: the client's
};

struct Route {
  std::uint32_t index = 0;           // position in the snapshot; metrics are kept by it
  std::string api;                   // "orders"
  std::string name;                  // "orders", or "orders /{id}/invoice"
  std::vector<std::string> hosts;    // lower case; "*.example.com" wildcards; empty: any
  PathTemplate path;                 // whole path, API prefix included
  std::vector<std::string> methods;  // upper case; empty: any. GET includes HEAD
  std::string origin;                // "api.yaml:12:5"
  Rewrite rewrite;
  std::string api_prefix;  // literal path of the API, what Rewrite::prefix replaces
  Pipeline pipeline;
  std::string upstream_name;                      // empty: a policy of the route answers
  std::shared_ptr<upstream::Upstream> upstream;   // of that name; set when the snapshot goes live
  std::chrono::milliseconds request_timeout{0};   // whole request; 0: none
  std::chrono::milliseconds response_timeout{0};  // upstream's response head; 0: the upstream's own
  bool websocket = true;
};

// What the table found.
struct RouteMatch {
  const Route* route = nullptr;
  bool method_refused = false;  // path known, method not: 405 with `allowed`
  std::string allowed;          // "GET, HEAD"; only filled with method_refused
};

// Two routes that claim the same requests.
struct Ambiguity {
  const Route* first = nullptr;
  const Route* second = nullptr;
  std::string sentence;  // names both, and what they claim
};

// Finds routes by host, path and method; the most specific wins: exact host over wildcard over
// any, then literal segment over parameter over prefix, then the longer prefix. The path decides
// before the method does. Costs the same for 10 routes or 10,000. Immutable, shared by threads.
class RouteTable {
 public:
  RouteTable();
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // Pointers must stay valid. Returns what is ambiguous; empty: fine.
  [[nodiscard]] std::vector<Ambiguity> build(const std::vector<const Route*>& routes);

  // Fills `parameters` (views into the path) in template order.
  [[nodiscard]] RouteMatch match(const http::Request& request,
                                 std::array<std::string_view, 8>& parameters) const;

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace sallyport
