// One worker's connections to one endpoint: the unused ones are kept, last used first.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "async/input.h"
#include "async/stream.h"
#include "async/task.h"
#include "async/timer.h"
#include "upstream/upstream.h"

namespace sallyport::upstream {

class Pool;

// A connection to an endpoint. While unused it watches itself: any event, and it is gone.
class Connection final : public async::SocketWatcher {
 public:
  Connection(async::Reactor& reactor, int fd, Pool& pool);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] async::Stream& io() { return io_; }
  [[nodiscard]] async::Input& input() { return input_; }
  [[nodiscard]] bool reused() const { return reused_; }

 private:
  friend class Pool;
  struct Expiry : async::Timer {
    explicit Expiry(Connection* connection) : Timer(&Expiry::fire), owner(connection) {}
    static void fire(Timer& timer);
    Connection* owner;
  };
  void on_socket_event(bool readable, bool peer_closed, bool hung_up) override;

  Pool& pool_;
  async::Stream io_;
  async::Input input_;
  Expiry expiry_;
  Connection* next_ = nullptr;  // in the pool's list of unused connections
  Connection* previous_ = nullptr;
  std::uint64_t unused_since_ = 0;  // milliseconds of the reactor's clock
  bool reused_ = false;
};

// One thread. Outlives its connections.
class Pool {
 public:
  Pool(async::Reactor& reactor, std::shared_ptr<Endpoint> endpoint);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // An unused connection, or null. One that has been unused for a while is looked at first: a
  // server that says goodbye ("408 Request Timeout") must not answer our next request with it.
  [[nodiscard]] std::unique_ptr<Connection> take();
  // A new one, on its way: await `WaitConnected` on its socket. Null with `error` when the system
  // refuses at once.
  [[nodiscard]] std::unique_ptr<Connection> open(int& error);
  // Keeps a connection that stands between two requests, or closes it.
  void give_back(std::unique_ptr<Connection> connection, const Settings& settings,
                 async::TimerList& keep_alive);
  void close_unused();

  [[nodiscard]] Endpoint& endpoint() const { return *endpoint_; }
  [[nodiscard]] std::uint32_t unused() const { return unused_; }

  std::uint32_t active = 0;         // requests under way; read by least_request
  std::int64_t current_weight = 0;  // smooth weighted round robin

 private:
  friend class Connection;
  void remove(Connection* connection);

  async::Reactor& reactor_;
  std::shared_ptr<Endpoint> endpoint_;
  Connection* newest_ = nullptr;
  Connection* oldest_ = nullptr;
  std::uint32_t unused_ = 0;
};

}  // namespace sallyport::upstream
