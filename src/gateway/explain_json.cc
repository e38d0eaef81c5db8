// An explanation for programs.
#include "base/json_writer.h"
#include "gateway/explain.h"

namespace sallyport::gateway {
namespace {

std::string_view decision_text(ExplainedPolicy::Decision decision) {
  switch (decision) {
    case ExplainedPolicy::Decision::passes:
      return "passes";
    case ExplainedPolicy::Decision::stops:
      return "stops";
    case ExplainedPolicy::Decision::would_stop:
      return "would_stop";
    case ExplainedPolicy::Decision::needs_body:
      return "needs_body";
    case ExplainedPolicy::Decision::needs_waiting:
      return "needs_waiting";
    case ExplainedPolicy::Decision::later:
      return "later";
    case ExplainedPolicy::Decision::not_reached:
      return "not_reached";
  }
  return "";
}

void write(JsonWriter& json, const Refusal& refusal) {
  json.begin_object().string("code", refusal.code).number("status", refusal.status);
  json.string("title", refusal.title);
  if (!refusal.detail.empty()) json.string("detail", refusal.detail);
  json.end_object();
}

void write(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key).begin_array();
  for (const std::string& each : list) json.string(each);
  json.end_array();
}

void write(JsonWriter& json, const ExplainedRoute& route) {
  json.begin_object().string("name", route.name).string("api", route.api);
  json.string("origin", route.origin).string("pattern", route.pattern);
  write(json, "hosts", route.hosts);
  write(json, "methods", route.methods);
  json.key("parameters").begin_object();
  for (const auto& [name, value] : route.parameters) json.string(name, value);
  json.end_object().end_object();
}

void write(JsonWriter& json, const ExplainedPolicy& policy) {
  json.begin_object().string("name", policy.name).string("stage", policy.stage);
  json.string("mode", policy.monitor ? "monitor" : "enforce").string("origin", policy.origin);
  json.boolean("looks_at_body", policy.looks_at_body);
  json.boolean("looks_at_response", policy.looks_at_response);
  json.string("decision", decision_text(policy.decision));
  if (policy.refusal) {
    json.key("refusal");
    write(json, *policy.refusal);
  }
  json.end_object();
}

void write(JsonWriter& json, const ExplainedUpstream& upstream) {
  json.begin_object().string("name", upstream.name);
  json.key("endpoints").begin_array();
  for (const ExplainedUpstream::Endpoint& endpoint : upstream.endpoints) {
    json.begin_object().string("address", endpoint.address).string("state", endpoint.state);
    json.end_object();
  }
  json.end_array().string("target", upstream.target).string("host", upstream.host);
  json.end_object();
}

}  // namespace

std::string to_json(const Explanation& explanation, int indent) {
  std::string text;
  JsonWriter json(text, indent);
  json.begin_object().string("method", explanation.method).string("url", explanation.url);
  json.string("client", explanation.client);
  json.boolean("client_from_header", explanation.client_from_header);
  json.boolean("tls", explanation.tls);
  json.string("outcome", outcome_of(explanation));
  if (!explanation.path.empty()) {
    json.string("host", explanation.host).string("path", explanation.path);
    if (explanation.has_query) json.string("query", explanation.query);
  }
  if (explanation.route) {
    json.key("route");
    write(json, *explanation.route);
  }
  json.key("policies").begin_array();
  for (const ExplainedPolicy& policy : explanation.policies) write(json, policy);
  json.end_array().boolean("undecided", explanation.undecided);
  if (explanation.end) {
    json.key("end");
    write(json, *explanation.end);
  }
  if (!explanation.allowed_methods.empty()) json.string("allow", explanation.allowed_methods);
  if (explanation.upstream) {
    json.key("upstream");
    write(json, *explanation.upstream);
  }
  json.end_object();
  return text;
}

std::string_view outcome_of(const Explanation& explanation) {
  if (!explanation.end) return explanation.undecided ? "undecided" : "forwarded";
  return explanation.end->status < 400 ? "answered" : "refused";
}

}  // namespace sallyport::gateway
