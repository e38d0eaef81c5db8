// A non-blocking socket of one reactor, completion-shaped: an operation is tried at once, and if it
// must wait, the event performs it before the coroutine resumes. A spurious wake never gets there.
//
// At most one reader and one writer wait at a time. `kill` ends both with an error; whoever owns
// the socket then destroys it. Not thread-safe.
#pragma once

#include <sys/uio.h>

#include <cerrno>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>

#include "async/reactor.h"
#include "async/timer.h"

namespace sallyport::async {

// Bytes transferred, 0 for the end of the stream, or a negative errno.
struct IoResult {
  std::int64_t value = 0;
  [[nodiscard]] bool ok() const { return value >= 0; }
  [[nodiscard]] bool end() const { return value == 0; }
  [[nodiscard]] int error() const { return static_cast<int>(-value); }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(value); }
};

// Something that waits for a socket. `attempt` tries to make progress and says whether it is
// complete (successfully or not).
class Operation {
 public:
  [[nodiscard]] bool attempt() { return attempt_(*this); }

 protected:
  using Attempt = bool (*)(Operation&);
  explicit Operation(Attempt attempt) : attempt_(attempt) {}
  ~Operation() = default;

  friend class Socket;
  Attempt attempt_;
  std::coroutine_handle<> waiter_;
  IoResult result_;
  bool on_any_event_ = false;  // TLS: reading may have to write first
};

// Told about events nobody waits for: a pooled connection that gets bytes or dies, a client that
// leaves while its answer is being made.
class SocketWatcher {
 public:
  // Called from the event loop, last of all: it may destroy the socket.
  virtual void on_socket_event(bool readable, bool peer_closed, bool hung_up) = 0;

 protected:
  ~SocketWatcher() = default;
};

class Socket {
 public:
  // Owns `fd`, which must be non-blocking. Check `valid()`: registration can fail (no memory).
  // `connected`: false while a connect is under way; the sockets that connect are those whose
  // events end exchanges, and do not stand in line with the others (Reactor::run).
  Socket(Reactor& reactor, int fd, bool connected);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  [[nodiscard]] bool valid() const { return ticket_ != 0; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] Reactor& reactor() const { return reactor_; }

  // Ends what waits now and everything later with -`error`. The descriptor stays open.
  void kill(int error);
  [[nodiscard]] int error() const { return error_; }

  // Ends what waits with -ETIMEDOUT unless it is armed again or disarmed in time. The socket itself
  // stays usable, so that a slow client can be told.
  void arm(std::chrono::milliseconds timeout) { arm(reactor_.timeout(timeout)); }
  void arm(TimerList& list) {
    limit_ = &list;
    timer_.arm(list);
  }
  void disarm() { timer_.disarm(); }
  // There was progress: an armed timeout starts over.
  void touch() {
    if (timer_.armed()) timer_.arm(*limit_);
  }

  // What reads by other means than try_recv (accept) has found nothing left.
  void drained() { readable_ = false; }

  void watch(SocketWatcher* watcher) { watcher_ = watcher; }

  [[nodiscard]] bool readable() const { return readable_; }
  // The peer has sent its FIN; bytes before it may still be unread.
  [[nodiscard]] bool peer_closed() const { return peer_closed_; }
  [[nodiscard]] bool hung_up() const { return hung_up_; }

  // One recv; -EAGAIN when there is nothing. Skips the system call when it knows.
  IoResult try_recv(std::span<std::byte> into);
  // One sendmsg; -EAGAIN when nothing fits.
  IoResult try_send(std::span<const iovec> from);

  // For awaitables in this folder: registers a waiting operation.
  void wait_read(Operation& operation, std::coroutine_handle<> waiter);
  void wait_write(Operation& operation, std::coroutine_handle<> waiter);
  // Ends the wait of the waiting reader with -`error`, leaving the socket as it is.
  void end_read_wait(int error) { complete(reader_, error); }
  // Likewise the waiting writer.
  void end_write_wait(int error) { complete(writer_, error); }

 private:
  friend class Reactor;
  void on_event(std::uint32_t events);
  void complete(Operation*& slot, int error);
  void expire();
  struct Deadline : Timer {
    explicit Deadline(Socket* socket) : Timer(&Deadline::fire), owner(socket) {}
    static void fire(Timer& timer) { static_cast<Deadline&>(timer).owner->expire(); }
    Socket* owner;
  };

  Reactor& reactor_;
  std::uint64_t ticket_ = 0;
  Operation* reader_ = nullptr;
  Operation* writer_ = nullptr;
  SocketWatcher* watcher_ = nullptr;
  Deadline timer_;
  TimerList* limit_ = nullptr;
  int fd_;
  int error_ = 0;
  bool readable_ = false;
  bool writable_;
  bool peer_closed_ = false;
  bool hung_up_ = false;
};

// co_await: until there is something to read, the peer closed, or the socket was killed (then the
// error). Holds no buffer.
class WaitReadable : public Operation {
 public:
  explicit WaitReadable(Socket& socket) : Operation(&WaitReadable::look), socket_(socket) {}
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) { socket_.wait_read(*this, waiter); }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation) {
    auto& self = static_cast<WaitReadable&>(operation);
    if (self.socket_.error() != 0) {
      self.result_ = {-self.socket_.error()};
      return true;
    }
    self.result_ = {1};
    return self.socket_.readable();
  }
  Socket& socket_;
};

// co_await: until a connect that is under way has succeeded (1) or failed (negative errno).
class WaitConnected : public Operation {
 public:
  explicit WaitConnected(Socket& socket);
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) { socket_.wait_write(*this, waiter); }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation);
  Socket& socket_;
};

}  // namespace sallyport::async
