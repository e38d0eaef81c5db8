// Around the walk of a request: a connection's beginning (limits, PROXY protocol, TLS) and end, the
// facts an exchange begins with, and what is written down when it is over.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/clock.h"
#include "gateway/gateway.h"
#include "gateway/reasons.h"
#include "http/client_address.h"
#include "http/proxy_protocol.h"
#include "http/stream.h"
#include "policy/route.h"
#include "telemetry/trace_context.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    "Content-Length: 94\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
    "{\"title\":\"Too many connections are "
    "open.\",\"status\":503,\"code\":\"gateway.too_many_connections"
    "\"}\n";

std::uint16_t port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

// What has come of a PROXY header, left where it is. No coroutine, whose frame would hold the
// bytes.
struct PeekedHeader {
  ssize_t size = 0;  // as recv says it
  int error = 0;
  Result<http::ProxyHeader> header = http::ProxyHeader{};
};

PeekedHeader peek_proxy_header(int fd) {
  std::array<std::byte, http::kLongestProxyHeader> bytes;  // NOLINT(*-member-init): filled by recv
  PeekedHeader out;
  out.size = recv(fd, bytes.data(), bytes.size(), MSG_PEEK);
  out.error = out.size < 0 ? errno : 0;
  if (out.size <= 0) return out;
  out.header = http::parse_proxy_header({bytes.data(), static_cast<std::size_t>(out.size)});
  return out;
}

// `size` bytes that have been peeked.
void take_proxy_header(int fd, std::size_t size) {
  std::array<std::byte, http::kLongestProxyHeader> bytes;  // NOLINT(*-member-init): drained into
  [[maybe_unused]] ssize_t got = recv(fd, bytes.data(), size, 0);
}

}  // namespace

// A connection in the worker's list, so that draining and stopping reach it.
struct Gateway::Open {
  explicit Open(Gateway& owner, http::Connection& its) : gateway(owner), connection(its) {
    next = gateway.first_;
    if (next != nullptr) next->previous = this;
    gateway.first_ = this;
    ++gateway.open_;
    gateway.recorder_.connections().open.add(1);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() {
    if (next != nullptr) next->previous = previous;
    (previous != nullptr ? previous->next : gateway.first_) = next;
    --gateway.open_;
    gateway.recorder_.connections().open.add(-1);
  }
  Gateway& gateway;
  http::Connection& connection;
  Open* next = nullptr;
  Open* previous = nullptr;
};

Gateway::Gateway(async::Reactor& reactor, telemetry::Recorder& recorder, ConnectionLimits& limits)
    : reactor_(reactor),
      recorder_(recorder),
      limits_(limits),
      upstreams_(reactor),
      services_(reactor) {}

void Gateway::install(std::shared_ptr<const config::Snapshot> snapshot) {
  const config::Timeouts& t = snapshot->timeouts;
  auto settings = std::make_shared<http::ServerSettings>();
  settings->limits = snapshot->limits;
  settings->underscores = snapshot->underscores;
  settings->merge_slashes = snapshot->merge_slashes;
  settings->min_body_rate = t.min_body_rate;
  settings->body_grace_ms = static_cast<std::uint64_t>(t.body.count());
  settings->header = &reactor_.timeout(t.header);
  settings->body = &reactor_.timeout(t.body);
  settings->send = &reactor_.timeout(t.send);
  settings->idle = &reactor_.timeout(t.idle);
  settings->half_closed = &reactor_.timeout(t.half_closed);
  settings->linger = &reactor_.timeout(2s);
  settings->drain_idle = &reactor_.timeout(500ms);
  settings->tunnel_idle = &reactor_.timeout(t.tunnel_idle);
  settings->tunnel_lifetime =
      t.tunnel_lifetime.count() > 0 ? &reactor_.timeout(t.tunnel_lifetime) : nullptr;
  std::vector<std::shared_ptr<upstream::Upstream>> upstreams = snapshot->live_upstreams();
  recorder_.set_masked(std::make_shared<const telemetry::MaskedNames>(snapshot->log.mask_query,
                                                                      snapshot->log.mask_headers));
  auto live = std::make_shared<LiveConfig>();
  live->snapshot = std::move(snapshot);
  live->settings = std::move(settings);
  live_ = std::move(live);
  upstreams_.set(upstreams);
}

async::Detached Gateway::run(int fd, sockaddr_storage peer, std::size_t listener_index,
                             std::uint16_t port) {
  const config::Listener& listener = live_->snapshot->listeners.at(listener_index);
  ConnectionFacts facts{
      .peer = net::Address::from(peer),
      .local = net::Address::local_of(fd),
      .peer_port = port_of(peer),
      .listener_port = port,
      .redirect_port = listener.redirect_to_https ? listener.redirect_port : std::uint16_t{0},
      .peer_trusted = live_->snapshot->trusted_proxies.contains(net::Address::from(peer))};
  net::Address counted_address = facts.peer;
  // Without a bound of the operator's own, what comes from this machine is not one client: it is a
  // local proxy, or whoever looks after us.
  bool local = facts.peer.is_loopback() && live_->snapshot->connections.per_client == 0;
  bool counted = !facts.peer_trusted && !local;
  ConnectionLimits::Admission admission = limits_.enter(counted_address, counted);
  telemetry::ConnectionCounters& counters = recorder_.connections();
  counters.accepted.add();
  if (admission != ConnectionLimits::Admission::admitted) {
    counters.refuse(admission == ConnectionLimits::Admission::too_many
                        ? telemetry::ConnectionRefusal::total_limit
                        : telemetry::ConnectionRefusal::client_limit);
    refuse(fd, listener.tls == nullptr && !listener.proxy_protocol);
    co_return;
  }
  {
    http::Connection connection(reactor_, fd, *this);
    if (connection.io().socket().valid()) {
      Open open(*this, connection);
      bool ready = true;
      if (listener.tls != nullptr || listener.proxy_protocol) {
        ready = co_await prepare(connection, facts, listener.proxy_protocol, listener.tls);
      }
      if (ready) (void)co_await serve(connection, facts);
      (void)co_await connection.close();
    }
  }
  limits_.leave(counted_address, counted);
}

// Says why, if that can be done without waiting, and closes.
void Gateway::refuse(int fd, bool plain) {
  if (plain) {
    [[maybe_unused]] ssize_t sent =
        send(fd, kTooMany.data(), kTooMany.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    // What the client has sent already would turn the close into a reset.
    std::array<char, 4096> unread;  // NOLINT(*-member-init): only drained into
    [[maybe_unused]] ssize_t got = recv(fd, unread.data(), unread.size(), MSG_DONTWAIT);
  }
  close(fd);
}

Task<bool> Gateway::prepare(http::Connection& connection, ConnectionFacts& facts,
                            bool proxy_protocol, std::shared_ptr<async::TlsServerContext> tls) {
  async::Stream& io = connection.io();
  io.socket().arm(live_->snapshot->timeouts.handshake);
  if (proxy_protocol) {
    // Anyone could write such a header: only of a trusted proxy is it more than a claim.
    if (!facts.peer_trusted) {
      refuse_proxied(connection, facts,
                     "this listener is for proxies (proxy_protocol), and trusted_proxies does not "
                     "name it");
      co_return false;
    }
    bool read = co_await read_proxy_header(connection, facts);
    if (!read) co_return false;
  }
  if (tls != nullptr) {
    telemetry::ConnectionCounters& counters = recorder_.connections();
    if (!io.start_tls(tls->get(), {})) co_return false;
    async::IoResult shaken = co_await io.handshake();
    if (!shaken.ok()) {
      counters.handshakes_failed.add();
      connection.kill(EPROTO);
      co_return false;
    }
    counters.handshakes.add();
    if (SSL_session_reused(io.tls()->ssl()) != 0) counters.handshakes_resumed.add();
  }
  io.socket().disarm();
  co_return true;
}

// The header stands before anything else, TLS included, so it is peeked: TLS reads the socket
// itself.
Task<bool> Gateway::read_proxy_header(http::Connection& connection, ConnectionFacts& facts) {
  async::Socket& socket = connection.io().socket();
  for (;;) {
    async::IoResult ready = co_await async::WaitReadable(socket);
    if (!ready.ok()) {
      if (ready.error() == ETIMEDOUT) {
        refuse_proxied(connection, facts, "no PROXY header came within timeouts.handshake");
      }
      co_return false;
    }
    PeekedHeader seen = peek_proxy_header(socket.fd());
    // Without a word: a balancer that looked whether we are there.
    if (seen.size == 0 || (seen.size < 0 && seen.error != EAGAIN)) co_return false;
    if (!seen.header) {
      refuse_proxied(connection, facts, "no PROXY header: " + seen.header.error().detail);
      co_return false;
    }
    if (seen.header->consumed > 0) {
      take_proxy_header(socket.fd(), seen.header->consumed);
      if (!seen.header->local) {
        facts.peer = seen.header->source;
        facts.peer_port = seen.header->source_port;
        facts.peer_trusted = live_->snapshot->trusted_proxies.contains(facts.peer);
      }
      co_return true;
    }
    if (seen.size > 0 && socket.peer_closed()) {
      refuse_proxied(connection, facts, "the connection ended within its PROXY header");
      co_return false;
    }
    socket.drained();  // the rest of the header is a new event
  }
}

// No request comes of it, so the access log will not tell.
void Gateway::refuse_proxied(http::Connection& connection, const ConnectionFacts& facts,
                             const std::string& why) {
  recorder_.connections().refuse(telemetry::ConnectionRefusal::proxy_header);
  proxy_faults_(reactor_.now(), Severity::warning,
                "closed a connection from " + facts.peer.text() + " to port " +
                    std::to_string(facts.listener_port) + ": " + why);
  connection.kill(EPROTO);
}

void Gateway::drain() {
  draining_ = true;
  for (Open* open = first_; open != nullptr; open = open->next) open->connection.drain();
}

void Gateway::kill_all() {
  services_.stop();
  for (Open* open = first_; open != nullptr; open = open->next) open->connection.kill(ECANCELED);
}

void Gateway::begin(Exchange& x, http::Connection& connection, const ConnectionFacts& facts) {
  x.timings.started = Ticks::now();
  x.callers = x.config->callers;
  x.store = x.config->store;
  x.services = &services_;
  x.peer = facts.peer;
  x.peer_trusted = facts.peer_trusted;
  x.local = facts.local;
  x.listener_port = facts.listener_port;
  x.redirect_port = facts.redirect_port;
  x.client.address = facts.peer;
  x.client.port = facts.peer_port;
  char* text = x.arena.chars(48);
  x.client.text = {text, facts.peer.write(text)};
  write_hex(x.request_id.data(), random_.next());
  write_hex(x.request_id.data() + 16, random_.next());
  telemetry::begin_trace(x, random_);
  if (async::TlsSession* tls = connection.io().tls(); tls != nullptr) {
    x.tls.on = true;
    x.tls.version = SSL_get_version(tls->ssl());
    x.tls.cipher = SSL_get_cipher_name(tls->ssl());
    if (const char* name = SSL_get_servername(tls->ssl(), TLSEXT_NAMETYPE_host_name)) {
      x.tls.server_name = name;
    }
    const async::PeerCertificate& peer = tls->peer();
    x.tls.client_subject = peer.subject;
    x.tls.client_fingerprint = peer.fingerprint;
    x.tls.client_names = peer.names;
  }
}

// What only the request can tell: the client behind a trusted proxy, the trace it belongs to.
void Gateway::identify_client(Exchange& x) {
  if (x.request.headers.maybe_has(http::HeaderId::traceparent)) {
    telemetry::begin_trace(x, random_);
  }
  if (!x.peer_trusted || x.config->forwarded_by == http::ForwardedBy::none) return;
  http::ClientAddress found = http::client_address(
      x.peer, x.request.headers, x.config->forwarded_by, x.config->trusted_proxies);
  if (!found.from_header) return;
  x.client.address = found.address;
  x.client.port = 0;
  char* text = x.arena.chars(48);
  x.client.text = {text, found.address.write(text)};
}

void Gateway::record(Exchange& x, const http::Stream& stream, const Result<Done>& sent) {
  if (!sent && x.reason == nullptr) {
    x.reason = sent.error().reason;
    x.detail = x.arena.copy(sent.error().detail);
  }
  x.bytes_in = stream.bytes_in();
  x.bytes_out = stream.bytes_out();
  recorder_.record(x, x.config->revision);
  if (x.config->denials != nullptr) x.config->denials->note(x);
}

}  // namespace sallyport::gateway
