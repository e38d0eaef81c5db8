// A client's connection, HTTP/1 server side: yields one request after the other, writes their
// answers, and decides when the connection ends.
//
// One thread; the connection lives in the coroutine that serves it.
#pragma once

#include <memory>

#include "async/input.h"
#include "async/socket.h"
#include "async/stream.h"
#include "async/task.h"
#include "async/timer.h"
#include "http/server_settings.h"

namespace sallyport::http {

class Stream;

class Connection final : public async::SocketWatcher {
 public:
  Connection(async::Reactor& reactor, int fd, SettingsSource& source);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // The next request, as soon as its first byte is there; null: the peer closed, idled too long,
  // or the connection is to end. The previous stream is gone then.
  Task<Stream*> next_stream();
  // HTTP/1 carries one stream at a time: its answer is waited for.
  Task<Done> start(Task<Done> answer) { return answer; }
  // Ends the connection so that the peer can read what was sent last.
  Task<Done> close();

  // Draining has begun: an idle connection gets a short time for a request already on its way.
  void drain();

  [[nodiscard]] async::Stream& io() { return io_; }
  [[nodiscard]] async::Input& input() { return input_; }
  [[nodiscard]] bool idle() const { return idle_; }
  // Ends whatever the connection does, the way to an upstream included.
  void kill(int error);

 private:
  friend class Stream;
  struct Grace : async::Timer {
    explicit Grace(Connection* connection) : Timer(&Grace::fire), owner(connection) {}
    static void fire(Timer& timer) { static_cast<Grace&>(timer).owner->client_left(); }
    Connection* owner;
  };
  void on_socket_event(bool readable, bool peer_closed, bool hung_up) override;
  void client_left();

  SettingsSource& source_;
  std::shared_ptr<const ServerSettings> settings_;
  async::Stream io_;
  async::Input input_;
  std::unique_ptr<Stream> stream_;
  Grace grace_;
  bool idle_ = false;
  bool closing_ = false;  // no further request is read
  bool linger_ = false;   // unread bytes of the peer would turn our close into a reset
  bool aborted_ = false;  // the answer is incomplete: the peer must notice
};

}  // namespace sallyport::http
