// For tests and the fuzzer only: a small field table with every kind of field, and the way from
// text to a struct as the real configuration goes it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/secrets.h"
#include "config/yaml_loader.h"
#include "schema/field.h"

namespace sallyport::config::sample {

using schema::field;
using schema::Fields;

enum class Balance : std::uint8_t { round_robin, least_request };
constexpr auto enum_names(Balance /*balance*/) {
  return std::array{schema::EnumName{"round_robin", Balance::round_robin, "In turn."},
                    schema::EnumName{"least_request", Balance::least_request,
                                     "The less busy one of two picked at random."}};
}

struct Listener {
  schema::HostPort address;
  std::optional<schema::FilePath> certificate;
  static Fields<Listener> fields() {
    return Fields<Listener>{field("address", &Listener::address, "Where to listen.").required(),
                            field("certificate", &Listener::certificate, "Certificate chain, PEM.")}
        .named("listener")
        .shorthand("address");
  }
};

struct Route {
  std::string path;
  std::vector<std::string> methods;
  std::vector<schema::Block> policies;
  static Fields<Route> fields() {
    return Fields<Route>{
        field("path", &Route::path, "What it claims.").required(),
        field("methods", &Route::methods, "Methods; none: any.").one_of({"GET", "POST", "PUT"})}
        .named("route")
        .rest(&Route::policies, [] {
          std::vector<schema::FieldShape> known(2);
          known[0].info.name = "cors";
          known[1].info.name = "rate_limit";
          return known;
        });
  }
};

struct Api {
  std::string path = "/";
  schema::Marked<std::string> upstream;
  std::optional<schema::Rate> rate;
  std::vector<Route> routes;
  static Fields<Api> fields() {
    return {field("path", &Api::path, "Prefix of its paths."),
            field("upstream", &Api::upstream, "Who serves it.").required(),
            field("rate", &Api::rate, "Requests allowed."),
            field("routes", &Api::routes, "Finer rules.").or_single().min_items(1)};
  }
};

struct Upstream {
  std::vector<schema::Origin> endpoints;
  Balance balance = Balance::round_robin;
  schema::Secret token;
  std::optional<schema::Percent> error_rate;
  static Fields<Upstream> fields() {
    return {field("endpoints", &Upstream::endpoints, "Servers.").required().or_single(),
            field("balance", &Upstream::balance, "How to pick one."),
            field("token", &Upstream::token, "Sent along."),
            field("error_rate", &Upstream::error_rate, "When to stop.")};
  }
};

struct Config {
  std::vector<Listener> listen;
  int workers = 0;
  schema::Duration drain = std::chrono::seconds(30);
  schema::Size body{10 * schema::kMiB};
  bool merge_slashes = false;
  double sample = 0.1;
  schema::NamedList<Upstream> upstreams;
  schema::NamedList<Api> apis;
  schema::Raw extra;
  static Fields<Config> fields() {
    return Fields<Config>{
        field("listen", &Config::listen, "Listeners.").required().or_single(),
        field("workers", &Config::workers, "Threads.").range(1, 1024).default_text("one per core"),
        field("drain", &Config::drain, "How long a stop waits.")
            .range(std::chrono::seconds(0), std::chrono::hours(1)),
        field("body", &Config::body, "Largest body."),
        field("merge_slashes", &Config::merge_slashes, "Read `//` as `/`."),
        field("sample", &Config::sample, "Share of traces."),
        field("upstreams", &Config::upstreams, "Servers by name."),
        field("apis", &Config::apis, "What is served."),
        field("extra", &Config::extra, "Read later.")}
        .check(check);
  }

  // Every upstream that an API names must exist.
  static void check(const Config& config, const schema::Node& /*node*/, schema::Context& context) {
    std::vector<std::string> names;
    for (const auto& upstream : config.upstreams) names.push_back(upstream.name);
    for (const auto& api : config.apis) {
      const schema::Marked<std::string>& wanted = api.value.upstream;
      if (std::ranges::find(names, wanted.value) != names.end()) continue;
      context.diagnostics().error(wanted.where, "there is no upstream \"" + wanted.value + "\"",
                                  schema::did_you_mean(wanted.value, names),
                                  schema::code::kUnknownName);
    }
  }
};

// Parses, resolves and reads. Empty exactly if there are errors.
inline std::optional<Config> read(std::string_view text, std::string_view file,
                                  const Environment& environment,
                                  schema::Diagnostics& diagnostics) {
  std::optional<schema::Node> root = load_yaml(text, file, diagnostics);
  if (!root) return std::nullopt;
  resolve_secrets(*root, environment, diagnostics);
  Config config;
  schema::Context context(diagnostics);
  schema::Codec<Config>::read(*root, context, config);
  if (diagnostics.has_errors()) return std::nullopt;
  return config;
}

}  // namespace sallyport::config::sample
