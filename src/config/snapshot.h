// One configuration, complete and immutable: everything a request is decided by. Built aside,
// swapped whole.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/resolver.h"
#include "async/tls_context.h"
#include "http/address.h"
#include "http/client_address.h"
#include "http/limits.h"
#include "policy/denial_record.h"
#include "policy/identity_headers.h"
#include "policy/own_cookies.h"
#include "policy/route.h"
#include "store/database/postgres_options.h"
#include "upstream/settings.h"

namespace sallyport::store {
class CallerDirectory;
class Store;
}  // namespace sallyport::store
namespace sallyport::token_service {
class Service;
}

namespace sallyport::config {

using std::chrono_literals::operator""s;

// One address the gateway listens on.
struct Listener {
  std::string text;                              // as configured: ":8443"
  std::vector<async::SocketAddress> addresses;   // ":8443" means IPv6 and IPv4 in one socket
  bool secure = false;                           // speaks TLS
  std::shared_ptr<async::TlsServerContext> tls;  // null: plain, or loaded without opening files
  bool redirect_to_https = false;
  std::uint16_t redirect_port = 443;  // the port put into the Location; 0: that of the
                                      // first TLS listener, picked at run time
  bool proxy_protocol = false;        // every connection must begin with the header
};

struct Timeouts {
  std::chrono::milliseconds handshake = 10s;
  std::chrono::milliseconds header = 10s;        // first byte of a head to its end
  std::chrono::milliseconds body = 30s;          // between two reads of a request body
  std::chrono::milliseconds send = 30s;          // between two writes that make progress
  std::chrono::milliseconds idle = 75s;          // between requests
  std::chrono::milliseconds half_closed = 1s;    // how long a client that closed its side waits
  std::chrono::milliseconds request{0};          // whole request; 0: none. Routes hold their own
  std::chrono::milliseconds tunnel_idle = 300s;  // websocket without bytes either way
  std::chrono::milliseconds tunnel_lifetime{0};  // 0: no limit
  std::uint64_t min_body_rate = 128;             // bytes per second, after the first `body`
};

struct ConnectionLimits {
  std::uint32_t total = 0;       // 0: derived from the descriptor limit
  std::uint32_t per_client = 0;  // 0: a quarter of `total`
};

struct Logging {
  std::string access = "-";               // file, "-" for stdout, "" for none
  std::vector<std::string> mask_headers;  // lower case, the built-in ones included
  std::vector<std::string> mask_query;    // names of parameters, likewise
};

struct AdminPeople;

struct AdminSettings {
  std::string address = "127.0.0.1:9901";  // "" : off
  async::SocketAddress socket_address;
  bool secure = false;                           // speaks TLS
  std::shared_ptr<async::TlsServerContext> tls;  // null: plain, or loaded without opening files
  std::shared_ptr<const AdminPeople> people;     // null: only holders of admin tokens sign in
  // Of one who has signed in.
  double requests_per_second = 200;
  double most_requests_at_once = 2000;
};

// Where what is kept on the disk is, and what its secrets are kept under.
struct StateSettings {
  std::string path;                                // a folder; empty: nothing is kept
  std::string key_file;                            // both empty: a file in the folder
  std::string key_variable;                        // of the environment
  std::optional<store::PostgresOptions> postgres;  // none: the database is in the folder
  friend bool operator==(const StateSettings&, const StateSettings&) = default;
};

struct UpstreamEntry {
  upstream::Settings settings;
  std::shared_ptr<upstream::Upstream> live;  // made or carried over when it goes live
};

class Snapshot {
 public:
  // Finds the route; see RouteTable.
  [[nodiscard]] RouteMatch match(const http::Request& request,
                                 std::array<std::string_view, 8>& parameters) const {
    return table.match(request, parameters);
  }
  // Every `live` of `upstreams`, in the order of their names; to be asked once those are made.
  [[nodiscard]] std::vector<std::shared_ptr<upstream::Upstream>> live_upstreams() const {
    std::vector<std::shared_ptr<upstream::Upstream>> live;
    live.reserve(upstreams.size());
    for (const auto& [name, entry] : upstreams) live.push_back(entry.live);
    return live;
  }

  std::uint64_t revision = 0;  // number of this text on this node; given when it goes live
  std::string fingerprint;     // SHA-256 of the file, first 12 digits
  std::string file;
  std::string redacted;              // JSON with defaults, secrets as references
  std::vector<std::string> watched;  // files this configuration was made from

  unsigned workers = 0;  // resolved: never 0
  std::vector<Listener> listeners;
  AdminSettings admin;
  Timeouts timeouts;
  http::Limits limits;
  http::Underscores underscores = http::Underscores::drop;
  bool merge_slashes = false;
  ConnectionLimits connections;
  net::CidrSet trusted_proxies;
  OwnCookies own_cookies;            // no upstream gets them
  IdentityHeaders identity_headers;  // nobody but the gateway writes them
  http::ForwardedBy forwarded_by = http::ForwardedBy::x_forwarded_for;
  std::chrono::milliseconds drain = 30s;  // how long a stop waits for requests
  Logging log;
  std::uint32_t trail_records = 4096;  // decision trails kept per worker
  std::string user;                    // drop privileges to; "" : stay
  StateSettings state;
  // The live view of who may call, set when the snapshot goes live; null: there is none.
  const store::CallerDirectory* callers = nullptr;
  store::Store* store = nullptr;  // of these; null with `callers`
  bool audit_denials = false;
  DenialRecord* denials = nullptr;  // set when it goes live; null: they are not recorded
  // Null: there is none.
  std::shared_ptr<token_service::Service> token_service;
  std::map<std::string, UpstreamEntry> upstreams;
  // Route::index is the position; Route::upstream is set from Route::upstream_name when the
  // snapshot goes live. A route whose policies answer everything has none.
  std::vector<std::unique_ptr<Route>> routes;
  RouteTable table;
  // Policies of answers no route is responsible for (404, malformed requests): response side only.
  Pipeline unrouted;
};

}  // namespace sallyport::config
