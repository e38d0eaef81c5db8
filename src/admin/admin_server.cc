#include "admin/admin_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <coroutine>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "admin/reasons.h"
#include "base/text.h"
#include "http/bytes_body.h"
#include "http/message.h"
#include "http/stream.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::admin {
namespace {

constexpr std::uint16_t kNoContent = 204;

using std::chrono::milliseconds;
using std::chrono::seconds;

std::shared_ptr<const http::ServerSettings> make_settings(async::Reactor& reactor) {
  auto settings = std::make_shared<http::ServerSettings>();
  settings->limits.request_line = 16384;  // a question may carry a long URL
  settings->header = &reactor.timeout(seconds(10));
  settings->body = &reactor.timeout(seconds(10));
  settings->send = &reactor.timeout(seconds(10));
  settings->idle = &reactor.timeout(seconds(75));
  settings->half_closed = &reactor.timeout(seconds(1));
  settings->linger = &reactor.timeout(seconds(1));
  settings->drain_idle = &reactor.timeout(milliseconds(100));
  settings->tunnel_idle = &reactor.timeout(seconds(1));
  settings->tunnel_lifetime = nullptr;
  return settings;
}

std::string_view value_of(const http::Headers& headers, std::string_view name) {
  const http::Field* field = headers.find(name);
  return field != nullptr ? field->value() : std::string_view();
}

// The one field of that name; empty: there is none, or there are several.
std::string_view only_value_of(const http::Headers& headers, std::string_view name) {
  std::string_view value;
  std::size_t count = 0;
  for (const http::Field& field : headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
    value = field.value();
    ++count;
  }
  return count == 1 ? value : std::string_view();
}

// If-Match (RFC 9110 section 13.1.1); of several lines none is taken, and no record fits.
std::string_view condition_of(const http::Headers& headers) {
  const std::string_view only = only_value_of(headers, "if-match");
  return only.empty() && headers.find("if-match") != nullptr ? "\"\"" : only;
}

// Says why, if that can be done without waiting, and closes.
void refuse(int fd) {
  Reply reply = problem(reasons::kTooManyConnections);
  std::string text = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: ";
  text += reply.content_type;
  text += "\r\nContent-Length: " + std::to_string(reply.body.size());
  text += "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" + reply.body;
  [[maybe_unused]] ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  close(fd);
}

}  // namespace

struct AdminServer::Listening {
  Listening(async::Reactor& reactor, int fd) : socket(reactor, fd, true) {}
  async::Socket socket;
};

// An answer that the backend gives later. Shared with the callback, which may come when nobody
// waits any more.
struct AdminServer::Pending {
  std::optional<Reply> reply;
  std::coroutine_handle<> waiter;
  async::Reactor* reactor = nullptr;

  void settle(Reply with) {
    if (reply) return;
    reply = std::move(with);
    if (waiter) reactor->schedule(waiter);
  }
  [[nodiscard]] bool await_ready() const { return reply.has_value(); }
  void await_suspend(std::coroutine_handle<> handle) { waiter = handle; }
  void await_resume() const {}
  // A secret that somebody is shown stays nowhere else.
  ~Pending() {
    if (reply && reply->secret) store::cleanse(reply->body);
  }
};

// A connection in the list of open ones.
struct AdminServer::Open {
  Open(AdminServer& owner, int fd, const net::Address& from)
      : server(owner),
        local(net::Address::local_of(fd)),
        peer(from),
        connection(owner.reactor_, fd, owner) {
    place = server.open_.insert(server.open_.end(), this);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() { server.open_.erase(place); }

  AdminServer& server;
  net::Address local;
  net::Address peer;
  http::Connection connection;
  std::shared_ptr<Pending> pending;
  std::list<Open*>::iterator place;
};

AdminServer::AdminServer(async::Reactor& reactor, AdminBackend& backend)
    : reactor_(reactor),
      router_(backend,
              [lifeline = reactor.lifeline()](std::move_only_function<void()> work) {
                lifeline->post(std::move(work));
              }),
      settings_(make_settings(reactor)) {}

AdminServer::~AdminServer() = default;

void AdminServer::listen(int fd) {
  if (listening_ != nullptr) {
    std::exchange(listening_, nullptr)->socket.kill(ECANCELED);
  }
  draining_ = fd < 0;
  if (draining_) {
    for (Open* open : open_) open->connection.drain();
    return;
  }
  listening_ = new Listening(reactor_, fd);  // its coroutine deletes it
  if (!listening_->socket.valid()) {
    delete std::exchange(listening_, nullptr);
    return;
  }
  accept_from(*listening_);
}

void AdminServer::stop() {
  listen(-1);
  for (Open* open : open_) {
    if (open->pending != nullptr) open->pending->settle(problem(reasons::kStopping));
    open->connection.kill(ECANCELED);
  }
}

async::Detached AdminServer::accept_from(Listening& listening) {
  for (;;) {
    async::IoResult ready = co_await async::WaitReadable(listening.socket);
    if (!ready.ok()) break;
    accept_some(listening);
    if (!listening.socket.readable()) continue;
    // Out of descriptors or memory: what is queued waits, and so do we.
    async::Sleep pause(reactor_, milliseconds(100));
    co_await pause;
  }
  delete &listening;
}

void AdminServer::accept_some(Listening& listening) {
  for (;;) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    int fd = accept4(listening.socket.fd(), reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) listening.socket.drained();
      return;
    }
    if (make_room()) {
      serve(fd, net::Address::from(peer));
    } else {
      refuse(fd);
    }
  }
}

// At the bound the connection that has been idle for longest has to go.
bool AdminServer::make_room() {
  if (open_.size() < kMostConnections) return true;
  auto idle = std::ranges::find_if(open_, [](Open* open) {
    return open->connection.idle() && open->connection.io().socket().error() == 0;
  });
  if (idle == open_.end()) return false;
  (*idle)->connection.kill(ECANCELED);
  return true;
}

async::Detached AdminServer::serve(int fd, net::Address peer) {
  Open open(*this, fd, peer);
  if (!open.connection.io().socket().valid()) co_return;
  while (http::Stream* stream = co_await open.connection.next_stream()) {
    (void)co_await open.connection.start(answer_one(*stream, open));
  }
  (void)co_await open.connection.close();
}

Task<Done> AdminServer::answer_one(http::Stream& stream, Open& open) {
  Result<http::Request> request = co_await stream.read_head();
  auto pending = std::make_shared<Pending>();
  pending->reactor = &reactor_;
  open.pending = pending;
  if (request) {
    Task<Done> deciding = decide(*request, open, *pending);
    (void)co_await deciding;
  } else {
    pending->settle(problem(*request.error().reason, request.error().detail));
  }
  co_await *pending;
  open.pending = nullptr;

  const Reply& reply = *pending->reply;
  http::Response response(stream.arena());
  response.status = reply.status;
  response.headers.add(http::HeaderId::cache_control, "no-store");
  response.headers.add(http::HeaderId::x_content_type_options, "nosniff");
  response.headers.add(http::HeaderId::content_security_policy, "default-src 'none'");
  if (!reply.allow.empty()) response.headers.add(http::HeaderId::allow, reply.allow);
  for (const auto& [name, value] : reply.fields) response.headers.add(name, value);
  http::BytesBody body(reply.body);
  if (reply.status != kNoContent) {
    response.headers.add(http::HeaderId::content_type, reply.content_type);
    response.content_length = reply.body.size();
    response.body = &body;
  }
  Result<Done> sent = co_await stream.write(response);
  co_return Done{};
}

// Reads the body only of those who may send one.
Task<Done> AdminServer::decide(http::Request& request, Open& open, Pending& pending) {
  const AdminRequest asked{.method = request.method,
                           .path = request.path,
                           .query = request.query,
                           .host = request.host,
                           .authority = request.authority,
                           .origin = request.headers.get(http::HeaderId::origin),
                           .fetch_site = value_of(request.headers, "sec-fetch-site"),
                           .authorization = only_value_of(request.headers, "authorization"),
                           .content_type = only_value_of(request.headers, "content-type"),
                           .if_match = condition_of(request.headers),
                           .content_length = request.content_length,
                           .local = open.local,
                           .peer = open.peer};
  std::expected<Router::Admitted, Reply> admitted = router_.admit(asked, reactor_.now());
  if (!admitted) {
    pending.settle(std::move(admitted.error()));
    co_return Done{};
  }
  std::string body;
  bool more = request.body != nullptr && admitted->route->most_bytes != 0;
  while (more && body.size() <= admitted->route->most_bytes) {
    Task<Result<http::BodyPiece>> reading = request.body->next();
    Result<http::BodyPiece> piece = co_await reading;
    if (!piece) {
      pending.settle(problem(*piece.error().reason, piece.error().detail));
      co_return Done{};
    }
    body.append(reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
    more = !piece->last;
  }
  router_.answer(*admitted, std::move(body),
                 [waiting = open.pending](Reply reply) { waiting->settle(std::move(reply)); });
  co_return Done{};
}

}  // namespace sallyport::admin
