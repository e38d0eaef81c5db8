#include "admin/admin_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "admin/open_connection.h"
#include "admin/reasons.h"

namespace sallyport::admin {
namespace {

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

// Says why, if that can be done without waiting, and closes.
void refuse(int fd, bool plain) {
  if (!plain) {
    close(fd);
    return;
  }
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

AdminServer::AdminServer(async::Reactor& reactor, AdminBackend& backend)
    : reactor_(reactor),
      backend_(backend),
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

void AdminServer::configuration_changed() {
  for (Open* open : open_) {
    if (open->outdated()) open->connection.drain();
  }
}

void AdminServer::stop() {
  listen(-1);
  for (Open* open : open_) {
    if (open->admitting != nullptr) {
      open->admitting->settle(std::unexpected(problem(reasons::kStopping)));
    }
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
      refuse(fd, !backend_.settings()->secure);
    }
  }
}

// At the bound the connection has to go that has been idle, or at its handshake, for longest; if
// none is, the oldest of those that have not shown yet who they are: strangers must not be able to
// keep out those who may do something about them.
bool AdminServer::make_room() {
  if (open_.size() < kMostConnections) return true;
  auto idle = std::ranges::find_if(open_, [](Open* open) {
    const bool at_rest = open->connection.idle() || open->shaking_hands;
    return at_rest && open->connection.io().socket().error() == 0;
  });
  if (idle == open_.end()) {
    idle = std::ranges::find_if(open_, [](Open* open) {
      return !open->admitted && open->admitting == nullptr && open->pending == nullptr &&
             open->connection.io().socket().error() == 0;
    });
  }
  if (idle == open_.end()) return false;
  (*idle)->connection.kill(ECANCELED);
  return true;
}

async::Detached AdminServer::serve(int fd, net::Address peer) {
  Open open(*this, fd, peer);
  if (!open.connection.io().socket().valid()) co_return;
  bool ready = true;
  if (backend_.settings()->secure) {
    Task<bool> shaking = shake_hands(open);
    ready = co_await shaking;
  }
  while (ready) {
    http::Stream* stream = co_await open.connection.next_stream();
    if (stream == nullptr) break;
    (void)co_await open.connection.start(answer_one(*stream, open));
    ready = !open.outdated();
  }
  (void)co_await open.connection.close();
}

// False: there is nobody to talk to.
Task<bool> AdminServer::shake_hands(Open& open) {
  const std::shared_ptr<async::TlsServerContext> tls = backend_.settings()->tls;
  async::Stream& io = open.connection.io();
  if (tls == nullptr || !io.start_tls(tls->get(), {})) co_return false;
  open.tls = tls;
  open.shaking_hands = true;
  io.socket().arm(*settings_->header);
  const async::IoResult shaken = co_await io.handshake();
  io.socket().disarm();
  open.shaking_hands = false;
  if (!shaken.ok()) open.connection.kill(EPROTO);
  co_return shaken.ok();
}

}  // namespace sallyport::admin
