// What the file may say about APIs and their routes. Keys mean the same at both levels; one of a
// route replaces that of its API whole.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "policy/registry.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::config {

// The policies of this build; made once.
[[nodiscard]] const std::vector<PolicyType>& known_policies();

// Whether a policy runs on every route that does not say otherwise.
[[nodiscard]] bool on_by_default(const PolicyType& type);

namespace model {

// Every policy as a key: its block, or `off`. `outermost`: here the defaults of those that are on
// by default stand.
[[nodiscard]] std::vector<schema::FieldShape> policy_keys(bool outermost);

struct Rewrite {
  std::optional<std::string> prefix;
  std::optional<std::string> host;

  static schema::Fields<Rewrite> fields();
};

struct RouteTimeouts {
  std::optional<std::chrono::milliseconds> request;
  std::optional<std::chrono::milliseconds> response;

  static schema::Fields<RouteTimeouts> fields();
};

// What APIs and routes have in common.
struct RouteKeys {
  std::optional<schema::Marked<std::vector<std::string>>> methods;
  std::optional<schema::Marked<bool>> is_public;
  std::optional<schema::Marked<Rewrite>> rewrite;
  std::optional<RouteTimeouts> timeouts;
  std::optional<bool> websocket;
  std::vector<schema::Block> policies;

  static schema::Fields<RouteKeys> fields();
};

struct Route {
  schema::Marked<std::string> path;
  std::optional<schema::Marked<std::string>> upstream;
  RouteKeys keys;

  static schema::Fields<Route> fields();
};

struct Api {
  std::vector<std::string> hosts;
  schema::Marked<std::string> path{.value = "/", .where = {}};
  schema::Marked<std::string> upstream;
  RouteKeys keys;
  std::vector<schema::Marked<Route>> routes;

  static schema::Fields<Api> fields();
};

}  // namespace model
}  // namespace sallyport::config
