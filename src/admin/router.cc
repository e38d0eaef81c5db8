#include "admin/router.h"

#include <array>
#include <optional>
#include <utility>

#include "admin/query.h"
#include "admin/reasons.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace sallyport::admin {
namespace {

using Done = std::function<void(Reply)>;

constexpr int kIndent = 2;
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key).begin_array();
  for (const std::string& each : list) json.string(each);
  json.end_array();
}

Reply json_reply(std::string body, std::uint16_t status = 200) {
  body += '\n';
  return {.status = status, .body = std::move(body), .allow = {}};
}

void health(const AdminRequest& /*request*/, AdminBackend& /*backend*/, const Done& done) {
  std::string body;
  JsonWriter json(body, kIndent);
  json.begin_object().string("status", "alive").string("version", kVersion);
  json.string("build", kRevision).end_object();
  done(json_reply(std::move(body)));
}

void ready(const AdminRequest& /*request*/, AdminBackend& backend, const Done& done) {
  Readiness readiness = backend.readiness();
  std::string body;
  JsonWriter json(body, kIndent);
  json.begin_object().boolean("ready", readiness.ready);
  json.number("revision", readiness.revision);
  write_list(json, "reasons", readiness.reasons);
  write_list(json, "notes", readiness.notes);
  json.end_object();
  done(json_reply(std::move(body), readiness.ready ? 200 : 503));
}

void configuration(const AdminRequest& /*request*/, AdminBackend& backend, const Done& done) {
  ConfigurationInForce config = backend.configuration();
  if (config.json.empty()) return done(problem(reasons::kStopping));
  std::string body;
  JsonWriter json(body);
  json.begin_object().number("revision", config.revision);
  json.string("fingerprint", config.fingerprint).string("file", config.file);
  json.raw("configuration", config.json).end_object();
  done(json_reply(std::move(body)));
}

void metrics(const AdminRequest& /*request*/, AdminBackend& backend, const Done& done) {
  done({.content_type = kPrometheusText, .body = backend.metrics(), .allow = {}});
}

Reply refused(const ReloadResult& result) {
  const Reason& reason = reasons::kReloadRefused;
  std::string body;
  JsonWriter json(body);
  json.begin_object().string("type", "about:blank").string("title", reason.title);
  json.number("status", reason.status).string("code", reason.code);
  if (!result.error.empty()) json.string("detail", result.error);
  json.number("revision", result.revision);
  if (!result.diagnostics_json.empty()) json.raw("findings", result.diagnostics_json);
  json.end_object();
  Reply reply = json_reply(std::move(body), reason.status);
  reply.content_type = "application/problem+json";
  return reply;
}

void reload(const AdminRequest& /*request*/, AdminBackend& backend, const Done& done) {
  backend.reload([done](const ReloadResult& result) {
    if (!result.ok) return done(refused(result));
    std::string body;
    JsonWriter json(body);
    json.begin_object().number("revision", result.revision);
    if (!result.diagnostics_json.empty()) json.raw("findings", result.diagnostics_json);
    json.end_object();
    done(json_reply(std::move(body)));
  });
}

constexpr std::string_view kTrails = "/trails/";

void trail(const AdminRequest& request, AdminBackend& backend, const Done& done) {
  std::string id(request.path.substr(kTrails.size()));
  backend.find_trail(id, [done, id](std::string json) {
    if (json.empty()) return done(problem(reasons::kUnknownRequest, id));
    done(json_reply(std::move(json)));
  });
}

void explain(const AdminRequest& request, AdminBackend& backend, const Done& done) {
  std::optional<Parameters> parameters = parse_query(request.query);
  if (!parameters) return done(problem(reasons::kBadQuestion, "the query has a broken escape"));
  Question question;
  for (auto& [name, value] : *parameters) {
    if (name == "method") {
      question.method = std::move(value);
    } else if (name == "url") {
      question.url = std::move(value);
    } else if (name == "client") {
      question.client = std::move(value);
    } else if (name == "header") {
      question.headers.push_back(std::move(value));
    } else if (name == "tls") {
      question.tls = value == "true" || value == "1";
    } else {
      return done(problem(
          reasons::kBadQuestion,
          "no parameter is called " + name + "; there are method, url, client, header and tls"));
    }
  }
  if (question.method.empty() || question.url.empty()) {
    return done(problem(reasons::kBadQuestion, "method and url are needed"));
  }
  Answer answer = backend.explain(question);
  if (!answer.error.empty()) return done(problem(reasons::kBadQuestion, answer.error));
  done(json_reply(std::move(answer.json)));
}

struct Route {
  std::string_view path;  // with "/" at its end: a prefix, and something must follow
  bool changes;           // POST, and not GET
  void (*run)(const AdminRequest&, AdminBackend&, const Done&);
};

constexpr std::array kRoutes = {
    Route{.path = "/health", .changes = false, .run = health},
    Route{.path = "/ready", .changes = false, .run = ready},
    Route{.path = "/config", .changes = false, .run = configuration},
    Route{.path = "/metrics", .changes = false, .run = metrics},
    Route{.path = "/reload", .changes = true, .run = reload},
    Route{.path = kTrails, .changes = false, .run = trail},
    Route{.path = "/explain", .changes = false, .run = explain},
};

bool claims(const Route& route, std::string_view path) {
  if (!route.path.ends_with('/')) return path == route.path;
  return path.starts_with(route.path) && path.size() > route.path.size();
}

bool from_other_site(const AdminRequest& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return true;
  }
  return !request.origin.empty() && request.origin != "http://" + std::string(request.authority);
}

}  // namespace

Reply problem(const Reason& reason, std::string_view detail) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().string("type", "about:blank").string("title", reason.title);
  json.number("status", reason.status).string("code", reason.code);
  if (!detail.empty()) json.string("detail", detail);
  json.end_object();
  Reply reply = json_reply(std::move(body), reason.status);
  reply.content_type = "application/problem+json";
  return reply;
}

bool is_own_host(std::string_view host, const net::Address& local) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::optional<net::Address> address = net::Address::parse(host);
  return address && (address->is_loopback() || *address == local);
}

void answer(const AdminRequest& request, AdminBackend& backend, Done done) {
  // Only HTTP/1.0 comes without a host, and that no browser speaks.
  if (!request.host.empty() && !is_own_host(request.host, request.local)) {
    return done(problem(reasons::kWrongHost, request.host));
  }
  for (const Route& route : kRoutes) {
    if (!claims(route, request.path)) continue;
    bool reads = request.method == "GET" || request.method == "HEAD";
    if (route.changes ? request.method != "POST" : !reads) {
      Reply reply = problem(reasons::kMethodNotAllowed);
      reply.allow = route.changes ? "POST" : "GET, HEAD";
      return done(std::move(reply));
    }
    if (route.changes && from_other_site(request)) {
      return done(problem(reasons::kCrossSite, request.origin));
    }
    return route.run(request, backend, done);
  }
  done(problem(reasons::kNotFound, request.path));
}

}  // namespace sallyport::admin
