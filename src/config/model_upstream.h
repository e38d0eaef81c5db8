// What the file may say about upstreams: endpoints, balancing, health, timeouts, TLS.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/or_off.h"
#include "config/table.h"
#include "schema/field.h"
#include "schema/types.h"
#include "upstream/settings.h"

namespace sallyport::upstream {

constexpr auto enum_names(Balance /*balance*/) {
  return std::array{
      schema::EnumName{"round_robin", Balance::round_robin, "Each endpoint in turn."},
      schema::EnumName{"least_request", Balance::least_request,
                       "Of two endpoints taken at random, the one with fewer requests."},
      schema::EnumName{"consistent_hash", Balance::consistent_hash,
                       "The same `hash`, the same endpoint, as long as it is there."}};
}

}  // namespace sallyport::upstream

namespace sallyport::config {

template <>
struct Table<upstream::HealthSettings> {
  static schema::Fields<upstream::HealthSettings> fields();
};

template <>
struct Table<upstream::EjectionSettings> {
  static schema::Fields<upstream::EjectionSettings> fields();
};

namespace model {

struct Endpoint {
  schema::Marked<schema::Origin> url;
  std::uint32_t weight = upstream::EndpointSettings{}.weight;

  static schema::Fields<Endpoint> fields();
};

// `address`, {header: NAME} or {cookie: NAME}.
struct Hash {
  std::string header;
  std::string cookie;

  static schema::Fields<Hash> fields();
};

struct UpstreamTimeouts {
  std::chrono::milliseconds connect = upstream::Settings{}.connect_timeout;
  std::chrono::milliseconds response = upstream::Settings{}.response_timeout;
  std::chrono::milliseconds idle = upstream::Settings{}.idle_timeout;

  static schema::Fields<UpstreamTimeouts> fields();
};

struct KeepAlive {
  std::chrono::milliseconds idle = upstream::Settings{}.keep_alive;
  std::uint32_t connections = upstream::Settings{}.keep_alive_connections;

  static schema::Fields<KeepAlive> fields();
};

struct UpstreamTls {
  bool verify = true;
  schema::FilePath ca;
  schema::FilePath cert;
  schema::FilePath key;
  std::string server_name;

  static schema::Fields<UpstreamTls> fields();
};

struct Upstream {
  std::vector<Endpoint> endpoints;
  upstream::Balance balance = upstream::Settings{}.balance;
  std::optional<schema::Marked<Hash>> hash;
  std::optional<upstream::HealthSettings> health;
  OrOff<upstream::EjectionSettings> ejection;
  std::chrono::milliseconds slow_start = upstream::Settings{}.slow_start;
  UpstreamTimeouts timeouts;
  KeepAlive keep_alive;
  std::optional<schema::Marked<UpstreamTls>> tls;

  static schema::Fields<Upstream> fields();
};

}  // namespace model
}  // namespace sallyport::config

namespace sallyport::schema {

template <>
struct Codec<config::model::Hash> {
  static bool read(const Node& node, Context& context, config::model::Hash& out);
  static Shape shape(const config::model::Hash& initial);
  static std::string to_json(const config::model::Hash& value);
};

}  // namespace sallyport::schema
