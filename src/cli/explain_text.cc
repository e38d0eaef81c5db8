#include "cli/explain_text.h"

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string>

#include "cli/admin_client.h"
#include "cli/paint.h"

namespace sallyport::cli {
namespace {

using gateway::ExplainedPolicy;
using gateway::Explanation;
using gateway::Refusal;

constexpr std::size_t kLabel = 11;

void line(Terminal& terminal, const Paint& paint, std::string_view label, const std::string& text) {
  terminal.out << "  " << paint.faint(padded(label, kLabel)) << text << '\n';
}

// "403 ip_allow.not_allowed: 192.0.2.7 is not listed"
std::string words_of(const Refusal& refusal) {
  std::string text = std::to_string(refusal.status) + " " + refusal.code;
  if (!refusal.detail.empty()) text += ": " + printable(refusal.detail);
  return text;
}

std::string decision_of(const ExplainedPolicy& policy, const Paint& paint) {
  switch (policy.decision) {
    case ExplainedPolicy::Decision::passes:
      return paint.good("passes");
    case ExplainedPolicy::Decision::stops:
      return (policy.refusal->status < 400 ? paint.warn("answers ") : paint.bad("refuses ")) +
             words_of(*policy.refusal);
    case ExplainedPolicy::Decision::would_stop:
      return paint.warn("would refuse ") + words_of(*policy.refusal) + " (only monitored)";
    case ExplainedPolicy::Decision::needs_body:
      return paint.warn("decides on the body");
    case ExplainedPolicy::Decision::needs_waiting:
      return paint.warn("decides once it has asked elsewhere");
    case ExplainedPolicy::Decision::later:
      return "looks at the response";
    case ExplainedPolicy::Decision::not_reached:
      return paint.faint("is not asked");
  }
  return {};
}

void print_policies(const Explanation& explanation, const Paint& paint, Terminal& terminal) {
  if (explanation.policies.empty()) return;
  terminal.out << "\n  " << paint.bold("policies") << ", in order\n";
  std::size_t name = 0;
  std::size_t stage = 0;
  for (const ExplainedPolicy& policy : explanation.policies) {
    name = std::max(name, policy.name.size());
    stage = std::max(stage, policy.stage.size());
  }
  for (const ExplainedPolicy& policy : explanation.policies) {
    terminal.out << "    " << paint.faint(padded(policy.stage, stage + 2))
                 << padded(policy.name, name + 2) << decision_of(policy, paint)
                 << paint.faint("  (" + policy.origin + ")") << '\n';
  }
  terminal.out << '\n';
}

void print_upstream(const Explanation& explanation, const Paint& paint, Terminal& terminal) {
  const gateway::ExplainedUpstream& upstream = *explanation.upstream;
  std::string endpoints;
  for (const gateway::ExplainedUpstream::Endpoint& each : upstream.endpoints) {
    endpoints += (endpoints.empty() ? "" : ", ") + each.address;
    if (each.state != "configured") endpoints += " (" + each.state + ")";
  }
  bool named = endpoints != upstream.name;  // an API may name a URL in place of an upstream
  line(terminal, paint, "upstream",
       paint.bold(upstream.name) + (named ? "  " + endpoints : std::string()));
  line(terminal, paint, "sent there",
       explanation.method + " " + printable(upstream.target) +
           "  Host: " + (upstream.host.empty() ? "the endpoint's" : printable(upstream.host)));
}

void print_route(const Explanation& explanation, const Paint& paint, Terminal& terminal) {
  const gateway::ExplainedRoute& route = *explanation.route;
  line(terminal, paint, "route", paint.bold(route.name) + paint.faint("  (" + route.origin + ")"));
  std::string pattern = route.pattern;
  for (const auto& [name, value] : route.parameters) {
    pattern += "  " + name + " = " + printable(value);
  }
  line(terminal, paint, "claims", pattern);
}

void print_outcome(const Explanation& explanation, const Paint& paint, Terminal& terminal) {
  if (explanation.end) {
    const Refusal& end = *explanation.end;
    std::string text = (end.status < 400 ? paint.warn("answered ") : paint.bad("refused ")) +
                       words_of(end) + " - " + end.title;
    if (!explanation.allowed_methods.empty()) text += " Allow: " + explanation.allowed_methods;
    line(terminal, paint, "outcome", text);
  } else if (explanation.undecided) {
    line(terminal, paint, "outcome", paint.warn("forwarded if those agree that are undecided"));
  } else {
    line(terminal, paint, "outcome", paint.good("forwarded"));
  }
}

std::string milliseconds(const std::string& nanoseconds) {
  std::string text = std::to_string(std::strtod(nanoseconds.c_str(), nullptr) / 1e6);
  return text.substr(0, text.find('.') + 4) + " ms";
}

void print_trail_entries(const schema::Node& list, const Paint& paint, Terminal& terminal) {
  terminal.out << "\n  " << paint.bold("policies") << ", as they were asked\n";
  std::size_t name = 0;
  for (const schema::Node& each : list.items) name = std::max(name, text_of(each, "policy").size());
  for (const schema::Node& each : list.items) {
    std::string outcome = text_of(each, "outcome");
    std::string text = outcome == "passed" ? paint.good("passed") : paint.bad(outcome);
    if (outcome == "monitored") text = paint.warn("would have stopped (only monitored)");
    std::string reason = text_of(each, "reason");
    std::string detail = text_of(each, "detail");
    if (!reason.empty()) text += " " + reason;
    if (!detail.empty()) text += ": " + printable(detail);
    std::string took = text_of(each, "ns");
    terminal.out << "    " << paint.faint(padded(text_of(each, "phase"), 15))
                 << padded(text_of(each, "policy"), name + 2) << text
                 << paint.faint("  (" + (took.empty() ? "0" : took) + " ns)") << '\n';
  }
  terminal.out << '\n';
}

void print_inspection(const schema::Node& waf, const Paint& paint, Terminal& terminal) {
  std::string score = text_of(waf, "score");
  std::string outbound = text_of(waf, "outbound_score");
  std::string head = "  " + paint.bold("rules") + " that matched, mode " + text_of(waf, "mode");
  if (!score.empty() && score != "0") head += ", score " + score;
  if (!outbound.empty() && outbound != "0") head += ", outbound score " + outbound;
  const schema::Node* findings = waf.find("findings");
  bool none = findings == nullptr || findings->items.empty();
  terminal.out << head << (none ? ": none" : "") << '\n';
  if (!none) {
    for (const schema::Node& each : findings->items) {
      std::string variable = printable(text_of(each, "variable"));
      std::string value = printable(text_of(each, "value"));
      if (!value.empty()) variable += "=" + value;
      terminal.out << "    " << paint.warn(padded(text_of(each, "rule"), 8)) << variable
                   << paint.faint("  " + printable(text_of(each, "message"))) << '\n';
    }
  }
  for (std::string_view direction : {"request", "response"}) {
    if (text_of(waf, std::string(direction) + "_cut") != "true") continue;
    terminal.out << "    "
                 << paint.warn("the " + std::string(direction) +
                               "'s body was not inspected to its end")
                 << '\n';
  }
  if (std::string dropped = text_of(waf, "findings_dropped"); !dropped.empty()) {
    terminal.out << "    " << paint.faint("and " + dropped + " more") << '\n';
  }
  terminal.out << '\n';
}

}  // namespace

void print_explanation(const Explanation& explanation, Terminal& terminal) {
  Paint paint(terminal);
  terminal.out << paint.bold(explanation.method + " " + printable(explanation.url)) << '\n';
  std::string client = explanation.client;
  if (explanation.client_from_header) client += " (a trusted proxy says so)";
  line(terminal, paint, "client", client + (explanation.tls ? ", over TLS" : ", without TLS"));
  if (!explanation.path.empty()) {
    std::string read = "host " + printable(explanation.host) + ", path " + explanation.path;
    if (explanation.has_query) read += ", query " + printable(explanation.query);
    line(terminal, paint, "read as", read);
  }
  if (explanation.route) print_route(explanation, paint, terminal);
  print_policies(explanation, paint, terminal);
  print_outcome(explanation, paint, terminal);
  if (explanation.upstream) print_upstream(explanation, paint, terminal);
}

void print_trail(const schema::Node& trail, Terminal& terminal) {
  Paint paint(terminal);
  auto text = [&trail](std::string_view key) { return printable(text_of(trail, key)); };
  std::string target = text("host") + text("path");
  if (!text("query").empty()) target += "?" + text("query");
  terminal.out << paint.bold(text("method") + " " + target) << '\n';
  line(terminal, paint, "request", text("request_id"));
  line(terminal, paint, "time", text("time") + ", revision " + text("revision"));
  line(terminal, paint, "client", text("client"));
  if (!text("route").empty()) line(terminal, paint, "route", paint.bold(text("route")));
  if (const schema::Node* list = trail.find("trail"); list != nullptr && !list->items.empty()) {
    print_trail_entries(*list, paint, terminal);
  }
  if (const schema::Node* waf = trail.find("waf")) print_inspection(*waf, paint, terminal);
  std::string outcome = text("status");
  if (!text("reason").empty()) outcome += " " + paint.bad(text("reason"));
  if (!text("detail").empty()) outcome += ": " + text("detail");
  if (!text("title").empty()) outcome += " - " + text("title");
  line(terminal, paint, "outcome", outcome);
  if (!text("upstream").empty()) {
    std::string upstream = paint.bold(text("upstream")) + "  " + text("endpoint");
    if (!text("upstream_status").empty()) upstream += " answered " + text("upstream_status");
    if (!text("retries").empty()) upstream += " after " + text("retries") + " retries";
    line(terminal, paint, "upstream", upstream);
  }
  line(terminal, paint, "took",
       milliseconds(text_of(trail, "total_ns")) + ", policies " +
           milliseconds(text_of(trail, "policies_ns")) + ", upstream " +
           milliseconds(text_of(trail, "upstream_ns")));
}

}  // namespace sallyport::cli
