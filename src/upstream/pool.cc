#include "upstream/pool.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace sallyport::upstream {
namespace {

// What is used again sooner than this is not worth a system call: its events are fresh.
constexpr std::uint64_t kRestMilliseconds = 50;

// Bytes or an end that the event loop has not told about yet.
bool has_news(int fd) {
  char byte = 0;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace

Connection::Connection(async::Reactor& reactor, int fd, Pool& pool)
    : pool_(pool), io_(reactor, fd, false), input_(io_), expiry_(this) {
  pool.endpoint().connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() { pool_.endpoint().connections.fetch_sub(1, std::memory_order_relaxed); }

void Connection::Expiry::fire(Timer& timer) {
  Connection* connection = static_cast<Expiry&>(timer).owner;
  connection->pool_.remove(connection);
  delete connection;  // the pool's list owned it
}

void Connection::on_socket_event(bool readable, bool peer_closed, bool hung_up) {
  if (!readable && !peer_closed && !hung_up) return;
  pool_.remove(this);
  delete this;  // the pool's list owned it
}

Pool::Pool(async::Reactor& reactor, std::shared_ptr<Endpoint> endpoint)
    : reactor_(reactor), endpoint_(std::move(endpoint)) {}

Pool::~Pool() { close_unused(); }

void Pool::close_unused() {
  while (newest_ != nullptr) {
    Connection* connection = newest_;
    remove(connection);
    delete connection;
  }
}

void Pool::remove(Connection* connection) {
  (connection->next_ != nullptr ? connection->next_->previous_ : oldest_) = connection->previous_;
  (connection->previous_ != nullptr ? connection->previous_->next_ : newest_) = connection->next_;
  connection->next_ = nullptr;
  connection->previous_ = nullptr;
  connection->expiry_.disarm();
  connection->io_.socket().watch(nullptr);
  --unused_;
}

std::unique_ptr<Connection> Pool::take() {
  while (newest_ != nullptr) {
    Connection* connection = newest_;
    remove(connection);
    std::unique_ptr<Connection> taken(connection);
    bool rested = reactor_.now() - taken->unused_since_ > kRestMilliseconds;
    if (rested && has_news(taken->io_.socket().fd())) continue;
    taken->reused_ = true;
    return taken;
  }
  return nullptr;
}

std::unique_ptr<Connection> Pool::open(int& error) {
  const async::SocketAddress& address = endpoint_->address();
  int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    error = errno;
    return nullptr;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto connection = std::make_unique<Connection>(reactor_, fd, *this);
  if (!connection->io_.socket().valid()) {
    error = ENOMEM;
    return nullptr;
  }
  const auto* target = reinterpret_cast<const sockaddr*>(&address.storage);
  if (connect(fd, target, address.size) != 0 && errno != EINPROGRESS) {
    error = errno;
    return nullptr;
  }
  return connection;
}

void Pool::give_back(std::unique_ptr<Connection> connection, const Settings& settings,
                     async::TimerList& keep_alive) {
  async::Socket& socket = connection->io_.socket();
  // Bytes behind the answer were not asked for: such a server cannot be trusted with another.
  if (socket.error() != 0 || socket.peer_closed() || socket.hung_up() ||
      !connection->input_.unread().empty() || settings.keep_alive_connections == 0 ||
      (socket.readable() && has_news(socket.fd())) ||
      (connection->io_.tls() != nullptr && connection->io_.tls()->has_pending())) {
    return;
  }
  if (unused_ >= settings.keep_alive_connections && oldest_ != nullptr) {
    Connection* oldest = oldest_;
    remove(oldest);
    delete oldest;
  }
  connection->input_.set_window(async::Scratch::kSize);
  socket.disarm();
  socket.watch(connection.get());
  connection->expiry_.arm(keep_alive);
  connection->unused_since_ = reactor_.now();
  Connection* kept = connection.release();
  kept->next_ = newest_;
  if (newest_ != nullptr) newest_->previous_ = kept;
  newest_ = kept;
  if (oldest_ == nullptr) oldest_ = kept;
  ++unused_;
}

}  // namespace sallyport::upstream
