// What the parts of build share. For build*.cc only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "config/model.h"
#include "config/snapshot.h"
#include "schema/diagnostics.h"

namespace sallyport::config {

class PolicyBlocks;

// Paths about which reading the file has reported an error.
class Faults {
 public:
  explicit Faults(const schema::Diagnostics& diagnostics);
  // Nothing was wrong with `path` or below it.
  [[nodiscard]] bool none_in(std::string_view path) const;
  [[nodiscard]] bool none() const { return paths_.empty(); }

 private:
  std::set<std::string, std::less<>> paths_;
};

struct Building {
  const model::Root& root;
  const LoadOptions& options;
  const Faults faults;
  schema::Diagnostics& diagnostics;
  std::set<std::string>& files;
  Snapshot& snapshot;
  // Client contexts by fingerprint: the system's store is large, and most upstreams share it.
  std::map<std::string, std::shared_ptr<async::TlsClientContext>> client_contexts = {};
  // Of all listeners.
  std::shared_ptr<async::TicketKeys> ticket_keys = {};

  void error(const schema::Where& where, std::string message, std::string suggestion = {},
             std::string_view code = schema::code::kInvalidValue) {
    diagnostics.error(where, std::move(message), std::move(suggestion), code);
  }
  void warning(const schema::Where& where, std::string message, std::string suggestion = {},
               std::string_view code = schema::code::kInvalidValue) {
    diagnostics.warning(where, std::move(message), std::move(suggestion), code);
  }
};

// What diagnostics about certificates are called.
inline constexpr std::string_view kCertificate = "config.certificate";

// A sentence as a message, which has no full stop.
[[nodiscard]] std::string message_of(std::string_view sentence);

// "api.yaml:12:5".
[[nodiscard]] std::string place_of(const schema::Where& where);

// What would end `run` once the file is read: see LoadOptions::rehearse.
void rehearse_start(Building& b);
void build_state(Building& b);
// Addresses of listeners and who has them, so that nobody else gets one.
using Taken = std::map<std::string, std::string>;
// Before build_listeners.
void build_admin(Building& b, Taken& taken);
void build_listeners(Building& b, Taken& taken);
[[nodiscard]] bool is_loopback(const std::string& host);
// Empty: there are none, which is reported, or names are not looked up.
[[nodiscard]] std::vector<async::SocketAddress> addresses_of(
    Building& b, const schema::Marked<schema::HostPort>& at);
// Null: it cannot be made, which is reported, or files are not opened. `host`: listened on there.
[[nodiscard]] std::shared_ptr<async::TlsServerContext> build_tls(Building& b, const model::Tls& tls,
                                                                 const schema::Where& where,
                                                                 const std::string& host);
void build_upstreams(Building& b);
// The upstream that `text` names, made on the spot if it is a URL; empty if it is neither, which is
// reported.
[[nodiscard]] std::string find_upstream(Building& b, const schema::Marked<std::string>& text);
void build_routes(Building& b);

// A route with its place in the file.
struct PlacedRoute {
  std::unique_ptr<Route> route;
  schema::Where where;
  std::string served = {};  // OwnPath::served
};
// Makes the token service, if the file has one; its routes.
[[nodiscard]] std::vector<PlacedRoute> build_token_service(Building& b,
                                                           const PolicyBlocks& policies);

}  // namespace sallyport::config
