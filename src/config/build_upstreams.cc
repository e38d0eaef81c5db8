// Upstreams: those the file names, and those that exist because an API names a URL.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/digest.h"
#include "config/building.h"
#include "config/words.h"
#include "schema/context.h"

namespace sallyport::config {
namespace {

using schema::Where;

std::string contents(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Equal for options that make equal connections; changes with the files they name.
std::string fingerprint_of(const async::TlsClientOptions& options, bool open_files) {
  std::string all = options.verify ? "verify" : "trust";
  for (const std::string& file :
       {options.ca, options.certificate.certificate, options.certificate.key}) {
    all += '\0' + file;
    if (open_files && !file.empty()) all += '\0' + async::sha256(contents(file));
  }
  return async::sha256(all).substr(0, 16);
}

void build_tls(Building& b, const Where& where, const model::UpstreamTls& tls,
               upstream::Settings& settings) {
  async::TlsClientOptions options;
  options.verify = tls.verify;
  options.ca = tls.ca.resolved;
  options.certificate = {.certificate = tls.cert.resolved, .key = tls.key.resolved};
  for (const std::string& file :
       {options.ca, options.certificate.certificate, options.certificate.key}) {
    if (!file.empty()) b.files.insert(file);
  }
  if (!tls.verify) {
    b.warning(where, "this upstream need not prove who it is: whoever answers is believed",
              "Give its authority instead: tls: {ca: FILE}.");
  }
  settings.tls_fingerprint = fingerprint_of(options, b.options.open_files);
  settings.tls_server_name = tls.server_name;
  if (!b.options.open_files) return;

  auto [known, fresh] = b.client_contexts.try_emplace(settings.tls_fingerprint);
  if (fresh) {
    std::vector<std::string> errors;
    known->second = async::TlsClientContext::create(options, errors);
    for (std::string& error : errors) b.error(where, message_of(error), {}, kCertificate);
  }
  settings.tls = known->second;
}

void set_hash(const model::Upstream& from, upstream::Settings& settings) {
  if (!from.hash) return;
  const model::Hash& hash = from.hash->value;
  if (!hash.header.empty()) {
    settings.hash_source = upstream::HashSource::header;
    settings.hash_name = hash.header;
  } else if (!hash.cookie.empty()) {
    settings.hash_source = upstream::HashSource::cookie;
    settings.hash_name = hash.cookie;
  }
}

upstream::Settings settings_of(const std::string& name, const model::Upstream& from) {
  upstream::Settings settings;
  settings.name = name;
  for (const model::Endpoint& endpoint : from.endpoints) {
    settings.endpoints.push_back({.host = endpoint.url.value.host,
                                  .port = endpoint.url.value.port,
                                  .weight = endpoint.weight});
  }
  settings.balance = from.balance;
  set_hash(from, settings);
  settings.health = from.health;
  settings.ejection = from.ejection.value;
  if (from.ejection.off) settings.ejection.consecutive_failures = 0;
  settings.slow_start = from.slow_start;
  settings.connect_timeout = from.timeouts.connect;
  settings.response_timeout = from.timeouts.response;
  settings.idle_timeout = from.timeouts.idle;
  settings.keep_alive = from.keep_alive.idle;
  settings.keep_alive_connections = from.keep_alive.connections;
  return settings;
}

void check_endpoints(Building& b, const model::Upstream& upstream) {
  const schema::Marked<schema::Origin>& first = upstream.endpoints.front().url;
  std::vector<schema::Origin> seen;
  for (const model::Endpoint& endpoint : upstream.endpoints) {
    const schema::Marked<schema::Origin>& url = endpoint.url;
    if (url.value.tls != first.value.tls) {
      b.error(
          url.where,
          "all endpoints of an upstream have the same scheme; the first is " + to_text(first.value),
          {}, schema::code::kConflict);
    }
    if (std::ranges::find(seen, url.value) != seen.end()) {
      b.error(url.where, "this endpoint is listed twice", "Give it a weight instead.",
              schema::code::kConflict);
    }
    seen.push_back(url.value);
  }
}

void build_upstream(Building& b, const schema::Named<model::Upstream>& item) {
  const model::Upstream& from = item.value;
  check_endpoints(b, from);
  upstream::Settings settings = settings_of(item.name, from);
  if (from.endpoints.front().url.value.tls) {
    build_tls(b, from.tls ? from.tls->where : item.where,
              from.tls ? from.tls->value : model::UpstreamTls{}, settings);
  } else if (from.tls) {
    b.error(from.tls->where, "\"tls\" has no use with http endpoints",
            "Write https:// in front of the endpoints.", schema::code::kConflict);
  }
  b.snapshot.upstreams.insert_or_assign(
      item.name, UpstreamEntry{.settings = std::move(settings), .live = nullptr});
}

std::string suggestion_for(Building& b, const std::string& name) {
  if (name.contains(':') || name.contains('.')) {
    if (schema::parse_origin("http://" + name)) return "Write \"http://" + name + "\".";
  }
  std::vector<std::string> names;
  for (const auto& item : b.root.upstreams) names.push_back(item.name);
  std::string meant = schema::did_you_mean(name, names);
  if (!meant.empty()) return meant;
  return "Add it to \"upstreams\", or write a URL: http://127.0.0.1:9000.";
}

std::string upstream_at(Building& b, const schema::Marked<std::string>& text) {
  schema::Parsed<schema::Origin> origin = schema::parse_origin(text.value);
  if (!origin) {
    const schema::Problem& problem = origin.error();
    std::string message = '"' + schema::without_userinfo(text.value) + "\" is not an HTTP origin";
    if (!problem.message.empty()) message += ": " + problem.message;
    b.error(text.where, std::move(message), problem.suggestion);
    return {};
  }
  std::string name = to_text(*origin);
  if (b.snapshot.upstreams.contains(name)) return name;
  model::Upstream upstream;
  upstream.endpoints.push_back({.url = {.value = *origin, .where = text.where}});
  build_upstream(b, {.name = name, .where = text.where, .value = std::move(upstream)});
  return name;
}

}  // namespace

void build_upstreams(Building& b) {
  for (const schema::Named<model::Upstream>& item : b.root.upstreams) {
    std::string fault = name_fault(item.name);
    if (!fault.empty()) b.error(item.where, std::move(fault));
    if (b.faults.none_in(item.where.path)) build_upstream(b, item);
  }
}

std::string find_upstream(Building& b, const schema::Marked<std::string>& text) {
  if (text.value.contains("://")) return upstream_at(b, text);
  bool known = std::ranges::any_of(b.root.upstreams,
                                   [&](const auto& item) { return item.name == text.value; });
  if (known) return text.value;
  // Where `upstreams` itself is no map, its names are not known.
  bool names_known = !b.root.upstreams.empty() || b.faults.none_in("upstreams");
  if (names_known) {
    b.error(text.where, "no upstream is named \"" + schema::without_userinfo(text.value) + "\"",
            suggestion_for(b, text.value), schema::code::kUnknownName);
  }
  return {};
}

}  // namespace sallyport::config
