// The life of a client's connection between its requests: waiting, watching, draining, closing.
#include "http/connection.h"

#include <sys/socket.h>

#include <cerrno>

#include "http/stream.h"

namespace sallyport::http {
namespace {

// What a closing connection reads and throws away at most, so that its peer sees the answer.
constexpr std::size_t kLingerBytes = std::size_t{1} << 20;

}  // namespace

Connection::Connection(async::Reactor& reactor, int fd, SettingsSource& source)
    : source_(source), io_(reactor, fd, true), input_(io_), grace_(this) {
  source_.refresh(settings_);
  io_.socket().watch(this);
}

Connection::~Connection() = default;

Task<Stream*> Connection::next_stream() {
  if (stream_ != nullptr) stream_->finish();
  stream_.reset();
  grace_.disarm();
  if (closing_ || io_.socket().error() != 0) co_return nullptr;
  source_.refresh(settings_);
  if (input_.unread().empty()) {
    io_.socket().arm(source_.draining() ? *settings_->drain_idle : *settings_->idle);
    idle_ = true;
    async::IoResult got = co_await input_.fill();
    idle_ = false;
    io_.socket().disarm();
    if (got.value <= 0) co_return nullptr;
    source_.refresh(settings_);  // it may have changed while we waited
  }
  stream_ = std::make_unique<Stream>(*this);
  co_return stream_.get();
}

Task<Done> Connection::close() {
  stream_.reset();
  async::Socket& socket = io_.socket();
  if (aborted_) {
    // A reset, so that nobody takes the part for the whole.
    linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    co_return Done{};
  }
  if (socket.error() != 0 || socket.hung_up()) co_return Done{};
  if (io_.tls() != nullptr && !closing_) {
    io_.tls()->close_notify();
    async::IoResult ignored;
    (void)io_.tls()->flush(ignored);
  }
  if (!linger_ || shutdown(socket.fd(), SHUT_WR) != 0) co_return Done{};
  socket.arm(*settings_->linger);
  std::size_t left = kLingerBytes;
  while (left > 0) {
    std::size_t unread = input_.unread().size();
    input_.consume(unread);
    left -= unread < left ? unread : left;
    async::IoResult got = co_await input_.fill();
    if (got.value <= 0) break;
  }
  co_return Done{};
}

void Connection::kill(int error) {
  io_.kill(error);
  if (stream_ != nullptr && stream_->cancellable_ != nullptr) stream_->cancellable_->cancel(error);
}

void Connection::drain() {
  if (idle_) io_.socket().arm(*settings_->drain_idle);
}

void Connection::on_socket_event(bool /*readable*/, bool peer_closed, bool hung_up) {
  if (stream_ == nullptr || stream_->cancellable_ == nullptr) return;
  if (hung_up) {
    client_left();
  } else if (peer_closed && !grace_.armed()) {
    // Perhaps it only closed its sending side: it has a moment to get its answer.
    grace_.arm(*settings_->half_closed);
  }
}

void Connection::client_left() {
  grace_.disarm();
  if (stream_ != nullptr && stream_->cancellable_ != nullptr) {
    stream_->cancellable_->cancel(ECANCELED);
  }
}

}  // namespace sallyport::http
