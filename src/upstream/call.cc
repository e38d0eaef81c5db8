// Sending the request: choose, connect, send, once more if that is safe.
#include "upstream/call.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include "base/clock.h"
#include "http/connection_reasons.h"
#include "http/wire_pieces.h"
#include "policy/route.h"
#include "upstream/reasons.h"
#include "upstream/request_head.h"

namespace sallyport::upstream {
namespace {

using namespace std::chrono_literals;

// A request body is held back until it is complete, this long, or has waited this time, whichever
// comes first: a small broken request never reaches an upstream, and a slow client does not hold
// one of its connections.
constexpr std::size_t kGather = 16384;
constexpr auto kGatherTime = 100ms;

}  // namespace

Call::Call(Upstreams& upstreams, LocalUpstream& local, Exchange& x)
    : upstreams_(upstreams), local_(local), x_(x) {
  ++local.calls;
  x.upstream.name = local.settings().name;
}

Call::~Call() {
  --local_.calls;
  if (x_.stream != nullptr) x_.stream->on_client_gone(nullptr);
}

Task<Result<http::Response>> Call::run() {
  if (x_.request.body != nullptr) {
    Result<Done> first = co_await take_first_part();
    if (!first) co_return stop(first);
  }
  if (x_.stream != nullptr && x_.stream->out_of_time()) {
    co_return stop(http::reasons::kRequestTimeout);
  }
  chunked_ = x_.request.body != nullptr && !x_.request.content_length;
  if (x_.stream != nullptr) x_.stream->on_client_gone(this);
  x_.timings.upstream_begin = Ticks::now();

  const Pool* except = nullptr;
  Result<Done> ok = Done{};
  for (int attempt = 0;; ++attempt) {
    if (local_.refresh(upstreams_.all_pools_)) upstreams_.forget_unused();
    pool_ = local_.choose(x_, upstreams_.random_, except);
    if (pool_ == nullptr) {
      if (!ok) co_return stop(ok);  // there is no other endpoint to try
      x_.upstream.endpoint = {};
      co_return stop(reasons::kNoEndpoint, "every endpoint of " + local_.settings().name +
                                               " is unhealthy or its name has no address");
    }
    ++pool_->active;
    x_.upstream.endpoint = x_.arena.copy(pool_->endpoint().text());
    connection_ = pool_->take();
    ok = Done{};
    bool connected = connection_ != nullptr;
    if (!connected) {
      pin_first_part();
      ok = co_await connect(*pool_);
      connected = ok.has_value();
    }
    x_.upstream.connection_reused = connected && connection_->reused();
    if (ok) ok = co_await send_request();
    if (ok) {
      Result<http::Response> response = co_await read_response();
      if (response) co_return response;
      ok = stop(response);
    }
    // Before anything is tried again, nobody may still be using the old connection.
    if (pump_) {
      bool ended_itself = pump_->ready();
      connection_->io().kill(ECANCELED);
      if (x_.stream != nullptr) x_.stream->stop_reading();
      Result<Done> pumped = co_await *pump_;
      pump_.reset();
      // The client's own fault explains the upstream's.
      if (!pumped && ended_itself && cancelled_ == 0) ok = stop(pumped);
    }
    bool retry = attempt == 0 && may_retry(!connected) &&
                 (connected || local_.pools().size() > 1);  // not twice to one that refuses
    if (cancelled_ == 0 && ok.error().reason->blame != Blame::client) {
      std::uint64_t now = upstreams_.reactor_.now();
      // A kept connection that died says nothing about the server's health.
      if (!retry || !connected) {
        pool_->endpoint().failed(local_.settings().ejection, now, local_.may_eject());
      }
    }
    if (!connected) except = pool_;
    leave_endpoint();
    if (!retry) co_return stop(ok);
    ++x_.upstream.retries;
  }
}

bool Call::may_retry(bool nothing_sent) const {
  if (cancelled_ != 0 || answered_) return false;
  if (nothing_sent) return true;
  if (!first_.last) return false;
  bool replayable = first_.bytes.empty() || first_.held;
  return connection_ != nullptr && connection_->reused() && !failed_ && replayable &&
         http::is_idempotent(x_.request.method_id);
}

// The pieces of the body that come without delay.
Task<Result<Done>> Call::take_first_part() {
  Result<http::BodyPiece> piece = co_await x_.request.body->next();
  if (!piece) co_return stop(piece);
  first_ = {.bytes = piece->bytes, .last = piece->last, .held = false};
  if (first_.bytes.size() >= kGather) co_return Done{};
  if (first_.last) {
    if (http::is_idempotent(x_.request.method_id) && !first_.bytes.empty()) {
      std::string_view copy =
          x_.arena.copy({reinterpret_cast<const char*>(first_.bytes.data()), first_.bytes.size()});
      first_.bytes = std::as_bytes(std::span(copy));
      first_.held = true;
    }
    co_return Done{};
  }
  Result<Done> gathered = co_await gather();
  co_return gathered;
}

Task<Result<Done>> Call::gather() {
  http::Body& body = *x_.request.body;
  auto* buffer = reinterpret_cast<std::byte*>(x_.arena.chars(kGather));
  std::memcpy(buffer, first_.bytes.data(), first_.bytes.size());
  first_.bytes = {buffer, first_.bytes.size()};
  first_.held = true;
  std::uint64_t until = upstreams_.reactor_.now() + static_cast<std::uint64_t>(kGatherTime.count());
  while (!first_.last) {
    std::uint64_t now = upstreams_.reactor_.now();
    if (now >= until) break;
    bool more = co_await body.available_within(kGatherTime);
    if (!more) break;
    Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) co_return stop(piece);
    std::size_t used = first_.bytes.size();
    first_.last = piece->last;
    if (used + piece->bytes.size() > kGather) {
      // Too much to hold: what is here becomes one block, and from now on the body streams.
      auto* larger = reinterpret_cast<std::byte*>(x_.arena.chars(used + piece->bytes.size()));
      std::memcpy(larger, buffer, used);
      buffer = larger;
    }
    // The last piece may be an empty one without an address, which memcpy must not be given.
    if (!piece->bytes.empty()) {
      std::memcpy(buffer + used, piece->bytes.data(), piece->bytes.size());
    }
    first_.bytes = {buffer, used + piece->bytes.size()};
    if (first_.bytes.size() >= kGather) break;
  }
  co_return Done{};
}

// The piece lies in a buffer that others will use while we wait for the connection.
void Call::pin_first_part() {
  if (first_.bytes.empty() || first_.held) return;
  first_.bytes = async::Scratch::here().pin(first_.bytes, [this](auto bytes) {
    first_.held = true;
    return x_.arena.copy(bytes);
  });
}

Task<Result<Done>> Call::connect(Pool& pool) {
  const Settings& settings = local_.settings();
  int error = 0;
  connection_ = pool.open(error);
  if (connection_ == nullptr) {
    co_return stop(reasons::kConnectFailed, pool.endpoint().text() + ": " + std::strerror(error));
  }
  async::Stream& io = connection_->io();
  io.socket().arm(local_.times().connect);
  async::IoResult connected = co_await async::WaitConnected(io.socket());
  if (connected.ok() && settings.tls != nullptr) {
    const std::string& name =
        settings.tls_server_name.empty() ? pool.endpoint().host() : settings.tls_server_name;
    if (!io.start_tls(settings.tls->get(), name)) {
      co_return stop(reasons::kTlsFailed, pool.endpoint().text() + ": cannot start TLS");
    }
    async::IoResult shaken = co_await io.handshake();
    if (!shaken.ok() && shaken.error() != ETIMEDOUT && cancelled_ == 0) {
      co_return stop(reasons::kTlsFailed, pool.endpoint().text() + ": " + io.tls()->failure());
    }
    connected = shaken;
  }
  io.socket().disarm();
  if (!connected.ok()) {
    co_return failure(connected.error(), reasons::kConnectTimeout, reasons::kConnectFailed);
  }
  co_return Done{};
}

Task<Result<Done>> Call::send_request() {
  async::Stream& io = connection_->io();
  if (head_.empty()) head_ = write_request_head(x_, pool_->endpoint(), chunked_);
  http::WirePieces out;
  out.add(head_);
  if (chunked_) {
    out.add_chunk({.bytes = first_.bytes, .last = first_.last}, *x_.request.body, x_.arena);
  } else {
    out.add(first_.bytes);
  }
  async::IoResult sent = co_await io.send(out.pieces(), false, &local_.times().idle);
  if (!sent.ok() && sent.error() != EPIPE && sent.error() != ECONNRESET) {
    co_return failure(sent.error(), reasons::kResponseTimeout, reasons::kClosed);
  }
  // A server may answer and close before it has read everything: its answer counts, so a send
  // that failed is not the end yet. Reading tells.
  if (!first_.last && sent.ok()) pump_.emplace(pump_body());
  if (pump_ && pump_->ready()) {
    Result<Done> pumped = co_await *pump_;
    pump_.reset();
    if (!pumped) co_return stop(pumped);
  }
  co_return Done{};
}

// The rest of the request body, piece by piece, while the response is waited for.
Task<Result<Done>> Call::pump_body() {
  http::Body& body = *x_.request.body;
  async::Stream& io = connection_->io();
  for (;;) {
    Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) {
      io.kill(ECANCELED);  // never a shortened request that looks whole
      co_return stop(piece);
    }
    http::WirePieces out;
    if (chunked_) {
      out.add_chunk(*piece, body, x_.arena);
    } else {
      out.add(piece->bytes);
    }
    if (!out.empty()) {
      async::IoResult sent = co_await io.send(out.pieces(), false, &local_.times().idle);
      if (!sent.ok()) {
        // A server may close its reading side and still answer; what it has to say is read by the
        // other side. Anything else is its end.
        bool closed = sent.error() == EPIPE || sent.error() == ECONNRESET;
        if (!closed) io.kill(sent.error());
        if (closed) io.socket().arm(response_timeout());
        co_return Done{};
      }
    }
    if (piece->last) break;
  }
  io.socket().arm(response_timeout());  // from here the server is expected to answer
  co_return Done{};
}

async::TimerList& Call::response_timeout() const {
  return x_.route->response_timeout.count() > 0
             ? upstreams_.reactor_.timeout(x_.route->response_timeout)
             : local_.times().response;
}

Result<Done> Call::failure(int error, const Reason& timeout, const Reason& otherwise) {
  if (cancelled_ == ETIMEDOUT) return stop(http::reasons::kRequestTimeout);
  if (cancelled_ != 0) return stop(http::reasons::kClientGone);
  std::string detail = std::string(x_.upstream.endpoint) + ": ";
  if (error == ETIMEDOUT) return stop(timeout, detail + "timed out");
  return stop(otherwise, detail + (error == 0 ? "closed" : std::strerror(error)));
}

void Call::cancel(int error) {
  if (cancelled_ == 0) cancelled_ = error;
  if (connection_ != nullptr) connection_->io().kill(error);
}

void Call::leave_endpoint() {
  connection_.reset();
  if (pool_ != nullptr) --pool_->active;
  pool_ = nullptr;
}

Task<Done> Call::finish() {
  if (pump_) {
    if (!pump_->ready()) {
      if (connection_ != nullptr) connection_->io().kill(ECANCELED);
      if (x_.stream != nullptr) x_.stream->stop_reading();
    }
    Result<Done> ignored = co_await *pump_;
    pump_.reset();
  }
  if (x_.stream != nullptr) x_.stream->on_client_gone(nullptr);
  if (pool_ == nullptr) co_return Done{};
  if (x_.timings.upstream_end == 0) x_.timings.upstream_end = Ticks::now();
  if (complete_ && keep_alive_ && connection_ != nullptr) {
    if (reader_) reader_->finish_piece();
    pool_->give_back(std::move(connection_), local_.settings(), local_.times().keep_alive);
  }
  leave_endpoint();
  co_return Done{};
}

}  // namespace sallyport::upstream
