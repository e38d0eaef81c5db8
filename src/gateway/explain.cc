#include "gateway/explain.h"

#include <array>
#include <exception>
#include <memory>
#include <unordered_set>

#include "async/reactor.h"
#include "base/text.h"
#include "gateway/reasons.h"
#include "http/client_address.h"
#include "http/head_parser.h"
#include "policy/exchange.h"
#include "policy/reasons.h"
#include "policy/registry.h"
#include "policy/rehearsal.h"
#include "policy/route.h"
#include "upstream/request_head.h"
#include "upstream/upstream.h"

namespace sallyport::gateway {
namespace {

using Decision = ExplainedPolicy::Decision;

// A URL as a client takes it apart: what goes into the request line, and what into Host.
struct Url {
  std::string_view target;
  std::string_view authority;
  bool https = false;
};

Url take_apart(std::string_view url) {
  Url parts{.target = url, .authority = {}};
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!text::equals_ignoring_case(url.substr(0, scheme.size()), scheme)) continue;
    std::string_view rest = url.substr(scheme.size());
    std::size_t end = rest.find_first_of("/?#");
    parts.authority = rest.substr(0, end);
    parts.target = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    parts.https = scheme == "https://";
  }
  return parts;
}

bool is_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool names_host(std::string_view header) {
  return text::equals_ignoring_case(header.substr(0, header.find(':')), "host");
}

// The bytes a client would send. Empty with `error` if they would be more than one head.
std::string head_of(const SyntheticRequest& request, const Url& url, std::string& error) {
  if (request.method.empty() || !is_line(request.method)) {
    error = "\"" + request.method + "\" is no method";
    return {};
  }
  if (request.url.empty() || !is_line(request.url)) {
    error = "\"" + request.url + "\" is no URL";
    return {};
  }
  std::string_view slash = url.target.starts_with('/') || url.target == "*" ? "" : "/";
  std::string head =
      request.method + " " + std::string(slash) + std::string(url.target) + " HTTP/1.1\r\n";
  bool has_host = false;
  for (const std::string& header : request.headers) {
    if (!is_line(header) || header.find(':') == std::string::npos) {
      error = "\"" + header + "\" is no header; it is written as 'Name: value'";
      return {};
    }
    has_host = has_host || names_host(header);
    head += header + "\r\n";
  }
  if (!has_host) {
    head += "Host: " + std::string(url.authority.empty() ? "localhost" : url.authority) + "\r\n";
  }
  return head + "\r\n";
}

Refusal refusal_of(const Stop& why) {
  return {.code = std::string(why.reason->code),
          .status = why.reason->status,
          .title = std::string(why.reason->title),
          .detail = why.detail};
}

// The listener a URL with a port leads to, if it is one of ours.
const config::Listener* listener_of(const config::Snapshot& snapshot, const Url& url) {
  std::size_t colon = url.authority.rfind(':');
  std::string_view port = colon != std::string_view::npos
                              ? url.authority.substr(colon + 1)
                              : std::string_view(url.https ? "443" : "80");
  for (const config::Listener& listener : snapshot.listeners) {
    if (listener.text.ends_with(":" + std::string(port))) return &listener;
  }
  return nullptr;
}

// The memory of one question. It is left behind if a policy waits in it for something outside, and
// with it the configuration that the policy belongs to.
struct Question {
  explicit Question(std::shared_ptr<const config::Snapshot> asked) : snapshot(std::move(asked)) {}
  std::shared_ptr<const config::Snapshot> snapshot;
  std::array<std::byte, 4096> block{};
  Arena arena{block};
  Exchange x{arena};
};

// Those whose policies still wait. One that waits for another thread when the process ends goes
// with it: its memory is never given back before. The controlling thread's.
std::unordered_set<std::shared_ptr<Question>>& waiting() {
  static auto* const questions = new std::unordered_set<std::shared_ptr<Question>>;
  return *questions;
}

// For as long as a policy still waits.
async::Detached keep(std::shared_ptr<Question> question, Task<Verdict> asked) {
  waiting().insert(question);
  try {
    (void)co_await asked;
  } catch (const std::exception&) {  // nobody asks any more what came of it
  }
  waiting().erase(question);
}

class Explaining {
 public:
  Explaining(std::shared_ptr<const config::Snapshot> snapshot, const Url& url, Explanation& out)
      : snapshot_(*snapshot),
        url_(url),
        out_(out),
        question_(std::make_shared<Question>(std::move(snapshot))),
        x_(question_->x) {
    x_.config = &snapshot_;
    x_.rehearsal = true;
    x_.callers = snapshot_.callers;
    x_.request_id.fill('0');
    x_.trace_id.fill('0');
    x_.span_id.fill('0');
  }
  Explaining(const Explaining&) = delete;
  Explaining& operator=(const Explaining&) = delete;

  // The same steps in the same order as Gateway::admit_and_forward.
  void walk(std::string_view head, const net::Address& peer) {
    if (!read(head)) return;
    identify_client(peer);
    if (redirects()) return;
    if (!route()) return;
    decide();
    if (!out_.end) forward();
  }

 private:
  bool read(std::string_view head) {
    http::ParsedRequest parsed(x_.arena);
    Result<Done> read =
        http::parse_request(x_.arena.copy(head), snapshot_.limits, snapshot_.underscores,
                            snapshot_.merge_slashes, x_.arena, parsed);
    if (!read) return refuse(read.error());
    x_.request = std::move(parsed.request);
    out_.host = x_.request.authority;
    out_.path = x_.request.path;
    out_.query = x_.request.query;
    out_.has_query = x_.request.has_query;
    return true;
  }

  void identify_client(const net::Address& peer) {
    x_.peer = peer;
    x_.peer_trusted = snapshot_.trusted_proxies.contains(peer);
    x_.client.address = peer;
    if (x_.peer_trusted && snapshot_.forwarded_by != http::ForwardedBy::none) {
      http::ClientAddress found = http::client_address(
          peer, x_.request.headers, snapshot_.forwarded_by, snapshot_.trusted_proxies);
      x_.client.address = found.address;
      out_.client_from_header = found.from_header;
    }
    out_.client = x_.client.address.text();
    x_.client.text = x_.arena.copy(out_.client);
  }

  // Whether it comes in through a listener that only sends clients elsewhere.
  bool redirects() {
    const config::Listener* listener = url_.https ? nullptr : listener_of(snapshot_, url_);
    if (listener != nullptr && listener->secure) out_.tls = true;
    x_.tls.on = out_.tls;
    if (out_.tls) {
      x_.tls.version = "TLSv1.3";
      x_.tls.server_name = x_.request.host;
    }
    if (listener == nullptr || !listener->redirect_to_https) return false;
    return !refuse({.reason = &reasons::kRedirectToHttps, .detail = {}});
  }

  bool route() {
    RouteMatch match = snapshot_.match(x_.request, x_.path_parameters);
    x_.route = match.route;
    if (x_.route != nullptr) describe_route(*x_.route);
    if (match.method_refused) {
      out_.allowed_methods = match.allowed;
      x_.allowed_methods = x_.arena.copy(match.allowed);
      return refuse({.reason = &reasons::kMethodNotAllowed, .detail = {}});
    }
    if (x_.route == nullptr) return refuse({.reason = &reasons::kNoRoute, .detail = {}});
    return true;
  }

  void describe_route(const Route& route) {
    ExplainedRoute& out = out_.route.emplace();
    out.name = route.name;
    out.api = route.api;
    out.origin = route.origin;
    out.pattern = route.path.text;
    out.hosts = route.hosts;
    out.methods = route.methods;
    std::size_t next = 0;
    for (const PathTemplate::Segment& segment : route.path.segments) {
      if (!segment.parameter) continue;
      out.parameters.emplace_back(segment.text, x_.path_parameters.at(next++));
    }
  }

  void decide() {
    bool with_body = x_.request.method_id == http::Method::post ||
                     x_.request.method_id == http::Method::put ||
                     x_.request.method_id == http::Method::patch;
    std::uint16_t index = 0;
    for (const PlacedPolicy& placed : x_.route->pipeline.policies()) {
      ExplainedPolicy& out = out_.policies.emplace_back();
      out.name = placed.name;
      out.stage = stage_name(placed.stage);
      out.origin = placed.origin;
      out.monitor = placed.monitor;
      out.looks_at_body = placed.on_request_body;
      out.looks_at_response = placed.on_response || placed.on_response_body;
      x_.asked = {.index = index++, .monitor = placed.monitor};
      bool on_the_way_in = placed.on_request || placed.on_request_body;
      if (out_.end && on_the_way_in) continue;
      out.decision = Decision::later;
      if (placed.on_request) ask(placed, out, false);
      if (!placed.on_request_body || out.refusal) continue;
      if (with_body) {
        out.decision = Decision::needs_body;
        out_.undecided = true;
      } else if (out.decision != Decision::needs_waiting) {
        ask(placed, out, true);
      }
    }
  }

  // With `body`: about the body, of which there is none.
  void ask(const PlacedPolicy& placed, ExplainedPolicy& out, bool body) {
    if (body && placed.policy->body_wish(x_, Phase::request_body).look == BodyWish::Look::none) {
      return;
    }
    Verdict verdict = pass();
    try {
      Task<Verdict> asked =
          body ? placed.policy->on_request_body(x_) : placed.policy->on_request(x_);
      if (!asked.ready()) {
        keep(question_, std::move(asked));
        out.decision = Decision::needs_waiting;
        out_.undecided = true;
        return;
      }
      verdict = asked.await_resume();
    } catch (const std::exception& e) {
      verdict = stop(sallyport::reasons::kPolicyInternal, e.what());
    }
    const bool left_open = take_left_open(x_);
    out.decision = Decision::passes;
    if (verdict) return;
    if (left_open) {
      out.decision = Decision::needs_waiting;
      out_.undecided = true;
      return;
    }
    out.refusal = refusal_of(verdict.error());
    out.decision = placed.monitor ? Decision::would_stop : Decision::stops;
    if (!placed.monitor) out_.end = out.refusal;
  }

  void forward() {
    const Route& route = *x_.route;
    if (route.upstream_name.empty()) return;  // it would have been answered
    const config::UpstreamEntry& entry = snapshot_.upstreams.at(route.upstream_name);
    ExplainedUpstream& out = out_.upstream.emplace();
    out.name = route.upstream_name;
    for (const upstream::EndpointSettings& each : entry.settings.endpoints) {
      out.endpoints.push_back(
          {.address = (entry.settings.tls_fingerprint.empty() ? "http://" : "https://") +
                      upstream::Endpoint({}, each.host, each.port, each.weight).authority(),
           .state = state_of(entry, each)});
    }
    // Written by the code that serves, and taken apart again.
    upstream::Endpoint nobody({}, {}, 0, 1);
    std::string_view head = upstream::write_request_head(x_, nobody, false);
    std::size_t target = head.find(' ') + 1;
    out.target = head.substr(target, head.find(' ', target) - target);
    out.host = route.rewrite.host ? *route.rewrite.host : std::string(x_.request.authority);
  }

  static std::string state_of(const config::UpstreamEntry& entry,
                              const upstream::EndpointSettings& configured) {
    if (entry.live == nullptr) return "configured";
    std::shared_ptr<const upstream::EndpointSet> set = entry.live->endpoints();
    std::string state = "unresolved";
    for (const auto& endpoint : set->endpoints) {
      if (endpoint->host() != configured.host) continue;
      if (endpoint->address().port() != configured.port) continue;
      async::Reactor* reactor = async::Reactor::current();
      if (!endpoint->healthy()) {
        if (state == "unresolved") state = "unhealthy";
      } else if (reactor != nullptr && endpoint->ejected(reactor->now())) {
        if (state == "unresolved") state = "ejected";
      } else {
        state = "healthy";
      }
    }
    return state;
  }

  static std::string stage_name(Stage stage) {
    for (const auto& name : enum_names(stage)) {
      if (name.value == stage) return std::string(name.name);
    }
    return {};
  }

  bool refuse(const Stop& why) {
    out_.end = refusal_of(why);
    return false;
  }

  const config::Snapshot& snapshot_;
  const Url& url_;
  Explanation& out_;
  std::shared_ptr<Question> question_;
  Exchange& x_;
};

}  // namespace

std::optional<Explanation> explain(std::shared_ptr<const config::Snapshot> snapshot,
                                   const SyntheticRequest& request, std::string& error) {
  Url url = take_apart(request.url);
  std::string head = head_of(request, url, error);
  if (head.empty()) return std::nullopt;
  std::optional<net::Address> peer =
      net::Address::parse(request.client.empty() ? "127.0.0.1" : request.client);
  if (!peer) {
    error = "\"" + request.client + "\" is no address";
    return std::nullopt;
  }
  Explanation out;
  out.method = request.method;
  out.url = request.url;
  out.client = peer->text();
  out.tls = request.tls || url.https;
  Explaining(std::move(snapshot), url, out).walk(head, *peer);
  return out;
}

}  // namespace sallyport::gateway
