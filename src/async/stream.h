// A byte stream to one peer: a plain socket or TLS over one, with the same operations. Session code
// is written against this and never asks which it is.
//
// `send` completes when every byte is with the kernel; the bytes must stay where they are until
// then, except those in the thread's Scratch, which are moved out when the send has to wait.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "async/scratch.h"
#include "async/socket.h"
#include "async/tls_session.h"

namespace sallyport::async {

class Stream {
 public:
  // Plain until `start_tls`.
  Stream(Reactor& reactor, int fd, bool connected) : socket_(reactor, fd, connected) {}

  // False: out of memory. Afterwards await `handshake()` before anything else.
  [[nodiscard]] bool start_tls(SSL_CTX* context, const std::string& server_name) {
    tls_ = TlsSession::create(context, socket_, server_name);
    return tls_ != nullptr;
  }

  class Handshake;
  class Recv;
  class Send;
  class Readable;
  class ReadableWithin;
  // Each is to be awaited at once and gives an IoResult.
  [[nodiscard]] Handshake handshake();
  // At least one byte, 0 at the end of the stream. A TLS stream that ends without close_notify is
  // -ECONNRESET: it may have been cut.
  [[nodiscard]] Recv recv(std::span<std::byte> into);
  // At most four pieces. `last`: nothing will follow (sends TLS close_notify along). `limit`: the
  // longest wait without progress, -ETIMEDOUT then; null: the socket's own, if it is armed.
  [[nodiscard]] Send send(std::span<const iovec> pieces, bool last = false,
                          TimerList* limit = nullptr);
  [[nodiscard]] Send send(std::span<const std::byte> bytes, bool last = false,
                          TimerList* limit = nullptr);
  // Until recv would not wait.
  [[nodiscard]] Readable readable();
  [[nodiscard]] ReadableWithin readable_within(std::chrono::milliseconds time);

  // Ends everything that waits with an error.
  void kill(int error) { socket_.kill(error); }
  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] TlsSession* tls() const { return tls_.get(); }

 private:
  // Whether recv would not wait; `result` is 1 or what it would fail with.
  [[nodiscard]] bool would_read(IoResult& result) const {
    result = {socket_.error() != 0 ? -socket_.error() : 1};
    return socket_.error() != 0 || socket_.readable() || (tls_ != nullptr && tls_->has_pending());
  }

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

class Stream::Handshake : public Operation {
 public:
  explicit Handshake(Stream& stream) : Operation(&Handshake::look), stream_(stream) {
    on_any_event_ = true;
  }
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) { stream_.socket_.wait_read(*this, waiter); }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation) {
    auto& self = static_cast<Handshake&>(operation);
    return self.stream_.tls_->handshake(self.result_);
  }
  Stream& stream_;
};

class Stream::Recv : public Operation {
 public:
  Recv(Stream& stream, std::span<std::byte> into)
      : Operation(&Recv::look), stream_(stream), into_(into) {
    on_any_event_ = stream.tls_ != nullptr;
  }
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) { stream_.socket_.wait_read(*this, waiter); }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation) {
    auto& self = static_cast<Recv&>(operation);
    if (self.stream_.tls_ != nullptr) return self.stream_.tls_->read(self.into_, self.result_);
    self.result_ = self.stream_.socket_.try_recv(self.into_);
    return self.result_.value != -EAGAIN;
  }
  Stream& stream_;
  std::span<std::byte> into_;
};

class Stream::Send : public Operation {
 public:
  Send(Stream& stream, std::span<const iovec> pieces, bool last, TimerList* limit);
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waited_ = true;
    if (limit_ != nullptr) timer_.arm(*limit_);
    move_out_of_scratch();
    stream_.socket_.wait_write(*this, waiter);
  }
  // Whether the peer (or the network) took its time.
  [[nodiscard]] bool waited() const { return waited_; }
  IoResult await_resume() {
    timer_.disarm();
    return result_;
  }

 private:
  static bool look(Operation& operation);
  bool look_plain();
  bool look_tls();
  void move_out_of_scratch();
  void progressed() {
    stream_.socket_.touch();
    if (timer_.armed()) timer_.arm(*limit_);
  }
  // Its own clock, because somebody else may be reading under another limit.
  struct Limit : Timer {
    explicit Limit(Send* send) : Timer(&Limit::fire), owner(send) {}
    static void fire(Timer& timer) {
      static_cast<Limit&>(timer).owner->stream_.socket_.end_write_wait(ETIMEDOUT);
    }
    Send* owner;
  };

  Stream& stream_;
  TimerList* limit_;
  Limit timer_{this};
  std::array<iovec, 4> pieces_;
  std::uint8_t count_ = 0;
  std::uint8_t next_ = 0;
  bool last_;
  bool encrypted_ = false;
  bool waited_ = false;
  std::unique_ptr<std::byte[]> moved_;  // NOLINT(*-avoid-c-arrays)
};

class Stream::Readable : public Operation {
 public:
  explicit Readable(Stream& stream) : Operation(&Readable::look), stream_(stream) {}
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) { stream_.socket_.wait_read(*this, waiter); }
  IoResult await_resume() const { return result_; }

 private:
  static bool look(Operation& operation) {
    auto& self = static_cast<Readable&>(operation);
    return self.stream_.would_read(self.result_);
  }
  Stream& stream_;
};

// Until recv would not wait, but no longer than a time: -ETIMEDOUT then, and the stream is as
// before.
class Stream::ReadableWithin : public Operation {
 public:
  ReadableWithin(Stream& stream, std::chrono::milliseconds time)
      : Operation(&ReadableWithin::look), stream_(stream), time_(time), timer_(this) {}
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    timer_.arm(stream_.socket_.reactor().timeout(time_));
    stream_.socket_.wait_read(*this, waiter);
  }
  IoResult await_resume() {
    timer_.disarm();
    return result_;
  }

 private:
  struct Limit : Timer {
    explicit Limit(ReadableWithin* wait) : Timer(&Limit::fire), owner(wait) {}
    static void fire(Timer& timer) {
      static_cast<Limit&>(timer).owner->stream_.socket_.end_read_wait(ETIMEDOUT);
    }
    ReadableWithin* owner;
  };
  static bool look(Operation& operation) {
    auto& self = static_cast<ReadableWithin&>(operation);
    return self.stream_.would_read(self.result_);
  }
  Stream& stream_;
  std::chrono::milliseconds time_;
  Limit timer_;
};

inline Stream::Handshake Stream::handshake() { return Handshake(*this); }
inline Stream::Recv Stream::recv(std::span<std::byte> into) { return {*this, into}; }
inline Stream::Send Stream::send(std::span<const iovec> pieces, bool last, TimerList* limit) {
  return {*this, pieces, last, limit};
}
inline Stream::Send Stream::send(std::span<const std::byte> bytes, bool last, TimerList* limit) {
  iovec piece{.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  return {*this, {&piece, 1}, last, limit};
}
inline Stream::Readable Stream::readable() { return Readable(*this); }
inline Stream::ReadableWithin Stream::readable_within(std::chrono::milliseconds time) {
  return {*this, time};
}

}  // namespace sallyport::async
