#include "async/socket.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sallyport::async {

Socket::Socket(Reactor& reactor, int fd, bool connected)
    : reactor_(reactor), timer_(this), fd_(fd), writable_(connected) {
  ticket_ = reactor.add(this, fd, !connected);
}

Socket::~Socket() {
  if (ticket_ != 0) reactor_.remove(ticket_);
  if (fd_ >= 0) close(fd_);
}

void Socket::complete(Operation*& slot, int error) {
  Operation* operation = std::exchange(slot, nullptr);
  if (operation == nullptr) return;
  operation->result_ = {-error};
  reactor_.schedule(operation->waiter_);
}

void Socket::kill(int error) {
  if (error_ == 0) error_ = error;
  timer_.disarm();
  complete(reader_, error_);
  complete(writer_, error_);
}

void Socket::expire() {
  complete(reader_, ETIMEDOUT);
  complete(writer_, ETIMEDOUT);
}

void Socket::wait_read(Operation& operation, std::coroutine_handle<> waiter) {
  operation.waiter_ = waiter;
  reader_ = &operation;
}

void Socket::wait_write(Operation& operation, std::coroutine_handle<> waiter) {
  operation.waiter_ = waiter;
  writer_ = &operation;
}

IoResult Socket::try_recv(std::span<std::byte> into) {
  if (error_ != 0) return {-error_};
  if (!readable_) return {-EAGAIN};
  ssize_t n = 0;
  do {
    n = recv(fd_, into.data(), into.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno == EAGAIN) readable_ = false;
    return {-errno};
  }
  // A short read has drained the socket; the next byte will be a new edge. Not so when the end of
  // the stream is next in line: its edge has been seen already.
  if (std::cmp_less(n, into.size()) && !peer_closed_) readable_ = false;
  return {n};
}

IoResult Socket::try_send(std::span<const iovec> from) {
  if (error_ != 0) return {-error_};
  if (!writable_) return {-EAGAIN};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());  // sendmsg does not write to it
  message.msg_iovlen = from.size();
  ssize_t n = 0;
  do {
    n = from.size() == 1 ? send(fd_, from[0].iov_base, from[0].iov_len, MSG_NOSIGNAL)
                         : sendmsg(fd_, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno == EAGAIN) writable_ = false;
    return {-errno};
  }
  return {n};
}

void Socket::on_event(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) writable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_closed_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    hung_up_ = true;
    peer_closed_ = true;
  }

  // Resuming a coroutine may destroy this socket: look it up again before touching it.
  std::uint64_t ticket = ticket_;
  Reactor& reactor = reactor_;
  bool seen = false;
  if (Operation* operation = reader_;
      operation != nullptr && (readable_ || operation->on_any_event_)) {
    seen = true;
    if (operation->attempt()) {
      reader_ = nullptr;
      operation->waiter_.resume();
    }
  }
  if (!reactor.alive(ticket)) return;
  if (Operation* operation = writer_; operation != nullptr && writable_) {
    if (operation->attempt()) {
      writer_ = nullptr;
      operation->waiter_.resume();
    }
  }
  if (!reactor.alive(ticket)) return;
  if (watcher_ != nullptr) watcher_->on_socket_event(readable_ && !seen, peer_closed_, hung_up_);
}

WaitConnected::WaitConnected(Socket& socket) : Operation(&WaitConnected::look), socket_(socket) {}

bool WaitConnected::look(Operation& operation) {
  auto& self = static_cast<WaitConnected&>(operation);
  if (self.socket_.error() != 0) {
    self.result_ = {-self.socket_.error()};
    return true;
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(self.socket_.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) {
    self.result_ = {-error};
    return true;
  }
  sockaddr peer{};
  socklen_t peer_size = sizeof peer;
  if (getpeername(self.socket_.fd(), &peer, &peer_size) != 0) return false;  // still under way
  self.result_ = {1};
  return true;
}

}  // namespace sallyport::async
