// The whole life of a request, on one screen: serve, answer, admit_and_forward.
#include "gateway/gateway.h"

#include "base/clock.h"
#include "gateway/reasons.h"
#include "gateway/render.h"
#include "http/reasons.h"
#include "http/stream.h"
#include "telemetry/trace_context.h"

namespace sallyport::gateway {
namespace {

// Whether policies computed for long, so that it pays to send together with other exchanges of
// which that is true: a peer that gets little at a time falls asleep in between, and waking it
// costs the sender as much as a rule set does.
bool sends_with_others(const Exchange& x) {
  constexpr std::uint64_t kLong = 3'000;  // nanoseconds
  return Ticks::nanoseconds(0, x.timings.policies) > kLong;
}

}  // namespace

// One connection, accept to close. HTTP/1 yields its streams in turn; null means the peer closed,
// idled too long, or we are draining.
Task<Done> Gateway::serve(http::Connection& connection, const ConnectionFacts& facts) {
  while (http::Stream* stream = co_await connection.next_stream()) {
    (void)co_await connection.start(answer(*stream, connection, facts));
  }
  co_return Done{};
}

// One request, first byte to log line. However it ends, it is answered once and logged once.
Task<Done> Gateway::answer(http::Stream& stream, http::Connection& connection,
                           const ConnectionFacts& facts) {
  std::shared_ptr<const LiveConfig> config = live_;  // one configuration, start to end
  Exchange x(stream.arena());
  x.config = config->snapshot.get();
  x.stream = &stream;
  begin(x, connection, facts);

  Result<Done> way_in = co_await admit_and_forward(stream, x);
  if (!way_in) x.response = render(x, way_in.error());

  const Pipeline& policies = x.route != nullptr ? x.route->pipeline : x.config->unrouted;
  Result<Done> way_out = co_await policies.on_response(x);  // refusals leave this way too
  if (!way_out) (void)co_await render_instead(x, way_out.error(), policies);

  if (sends_with_others(x)) co_await reactor_.turn();
  Result<Done> sent = co_await write(stream, x);
  if (!sent && !stream.response_started()) {  // its body failed before anything had been sent
    (void)co_await render_instead(x, sent.error(), policies);
    sent = co_await write(stream, x);
  }
  (void)co_await upstreams_.finish(x);
  record(x, stream, sent);
  co_return Done{};
}

// The way in: each step goes on, or stops the exchange with a Reason.
Task<Result<Done>> Gateway::admit_and_forward(http::Stream& stream, Exchange& x) {
  // 1. Read. What two parsers could read differently is refused, not repaired.
  Result<http::Request> request = co_await stream.read_head();
  x.timings.started = Ticks::now();
  if (!request) co_return stop(request);
  x.request = std::move(*request);
  x.config->identity_headers.strip(x.request, x.arena);
  identify_client(x);
  if (x.redirect_port != 0) {
    // Without a host there is no place to send the client to.
    co_return stop(x.request.host.empty() ? http::reasons::kMissingHost
                                          : reasons::kRedirectToHttps);
  }

  // 2. Route. What no route claims is refused.
  RouteMatch match = x.config->match(x.request, x.path_parameters);
  x.route = match.route;
  if (match.method_refused) {
    x.allowed_methods = x.arena.copy(match.allowed);
    co_return stop(reasons::kMethodNotAllowed);
  }
  if (x.route == nullptr) {
    bool anonymous = x.request.host.empty();  // HTTP/1.0 may omit Host, where a route takes that
    co_return stop(anonymous ? http::reasons::kMissingHost : reasons::kNoRoute);
  }
  if (x.route->request_timeout.count() > 0) {
    stream.limit_time(reactor_.timeout(x.route->request_timeout));
  }

  // 3. Decide. Policies see the head; then the body, if one of them asked for it.
  Result<Done> admitted = co_await x.route->pipeline.on_request(x);
  if (!admitted) co_return admitted;

  // 4. Forward. The body streams through unless step 3 held it back.
  if (sends_with_others(x)) co_await reactor_.turn();
  telemetry::forward_trace(x);
  x.config->own_cookies.strip(x.request, x.arena);
  if (!x.route->websocket) x.request.upgrade_websocket = false;
  Result<http::Response> response = co_await upstreams_.send(x);
  if (!response) co_return stop(response);
  x.response = std::move(*response);
  co_return Done{};
}

// In place of a response that cannot be sent. Policies add their headers; they cannot refuse again.
Task<Done> Gateway::render_instead(Exchange& x, const Stop& why, const Pipeline& policies) {
  x.response = render(x, why);
  (void)co_await policies.on_response(x);
  co_return Done{};
}

Task<Result<Done>> Gateway::write(http::Stream& stream, Exchange& x) {
  x.response.headers.set(http::HeaderId::x_request_id, x.request_id_text());
  return stream.write(x.response);
}

}  // namespace sallyport::gateway
