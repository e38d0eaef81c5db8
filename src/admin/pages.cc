// See pages.h.
#include "admin/pages.h"

#include <optional>
#include <utility>

#include "admin/api/members.h"
#include "admin/api/requests.h"
#include "admin/openapi.h"
#include "admin/query.h"
#include "admin/reasons.h"
#include "base/json_writer.h"
#include "base/version.h"
#include "http/address.h"

namespace sallyport::admin::pages {
namespace {

constexpr int kIndent = 2;
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key).begin_array();
  for (const std::string& each : list) json.string(each);
  json.end_array();
}

std::string_view name_of(Actor::Proof proof) {
  switch (proof) {
    case Actor::Proof::certificate:
      return "certificate";
    case Actor::Proof::oidc:
      return "oidc";
    default:
      return "token";
  }
}

// Whether somebody on another machine asks, who may be anybody.
bool is_stranger(const Call& call) {
  const auto address = net::Address::parse(call.actor.address);
  return call.actor.proof == Actor::Proof::none && !(address && address->is_loopback());
}

}  // namespace

std::string actor_of(const Call& call) {
  return call.actor.proof != Actor::Proof::none ? call.actor.text() : "";
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

void health(const Call& /*call*/, AdminBackend& /*backend*/, const Respond& done) {
  std::string body;
  JsonWriter json(body, kIndent);
  json.begin_object().string("status", "alive").string("version", kVersion);
  json.string("build", kRevision).end_object();
  done(json_reply(std::move(body)));
}

void ready(const Call& call, AdminBackend& backend, const Respond& done) {
  Readiness readiness = backend.readiness();
  if (is_stranger(call)) {  // upstreams by name, and what ails them, are for operators
    readiness.reasons.clear();
    readiness.notes.clear();
  }
  std::string body;
  JsonWriter json(body, kIndent);
  json.begin_object().boolean("ready", readiness.ready);
  json.number("revision", readiness.revision);
  write_list(json, "reasons", readiness.reasons);
  write_list(json, "notes", readiness.notes);
  json.end_object();
  done(json_reply(std::move(body), readiness.ready ? 200 : 503));
}

void configuration(const Call& /*call*/, AdminBackend& backend, const Respond& done) {
  ConfigurationInForce config = backend.configuration();
  if (config.json.empty()) return done(problem(reasons::kStopping));
  std::string body;
  JsonWriter json(body);
  json.begin_object().number("revision", config.revision);
  json.string("fingerprint", config.fingerprint).string("file", config.file);
  json.raw("configuration", config.json).end_object();
  done(json_reply(std::move(body)));
}

void metrics(const Call& /*call*/, AdminBackend& backend, const Respond& done) {
  done({.content_type = kPrometheusText, .body = backend.metrics()});
}

void reload(const Call& call, AdminBackend& backend, const Respond& done) {
  backend.reload(actor_of(call), [done](const ReloadResult& result) {
    if (!result.ok) return done(refused(result));
    std::string body;
    JsonWriter json(body);
    json.begin_object().number("revision", result.revision);
    if (!result.diagnostics_json.empty()) json.raw("findings", result.diagnostics_json);
    json.end_object();
    done(json_reply(std::move(body)));
  });
}

void trail(const Call& call, AdminBackend& backend, const Respond& done) {
  const std::string& id = call.path[0];
  backend.find_trail(id, [done, id](std::string json) {
    if (json.empty()) return done(problem(reasons::kUnknownRequest, id));
    done(json_reply(std::move(json)));
  });
}

void explain(const Call& call, AdminBackend& backend, const Respond& done) {
  std::optional<Parameters> parameters = parse_query(call.query);
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

void openapi(const Call& /*call*/, AdminBackend& /*backend*/, const Respond& done) {
  done(json_reply(openapi_document()));
}

void whoami(const Call& call, AdminBackend& /*backend*/, const Respond& done) {
  const Actor& actor = call.actor;
  if (actor.proof == Actor::Proof::none) return done(problem(reasons::kNoState));
  std::string body;
  JsonWriter json(body);
  json.begin_object().string("method", name_of(actor.proof)).string("id", actor.id);
  json.string("role", store::name_of(actor.role));
  json.string("name", actor.name).string("issuer", actor.issuer);
  json.string("fingerprint", actor.fingerprint).key("expires");
  internal::write_time(json, actor.expires);
  json.end_object();
  done(json_reply(std::move(body)));
}

}  // namespace sallyport::admin::pages
