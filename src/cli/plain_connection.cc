#include "cli/plain_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "async/resolver.h"

namespace sallyport::cli {

PlainConnection::~PlainConnection() {
  if (fd_ >= 0) close(fd_);
}

bool PlainConnection::open(const std::string& host, std::uint16_t port, std::string& error) {
  async::SocketAddress literal = async::SocketAddress::literal(host, port);
  std::vector<async::SocketAddress> addresses{literal};
  if (literal.size == 0) {
    async::Resolution found = async::resolve(host, port, std::chrono::seconds(5));
    addresses = found.addresses;
    error = found.error;
  }
  for (const async::SocketAddress& address : addresses) {
    fd_ = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) break;
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
      return true;
    }
    error = std::strerror(errno);
    close(fd_);
    fd_ = -1;
  }
  return false;
}

bool PlainConnection::send_all(std::string_view text) {
  while (!text.empty()) {
    ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

PlainConnection::Received PlainConnection::receive_some(std::string& into,
                                                        std::chrono::milliseconds patience) {
  std::array<char, 65536> block;  // NOLINT(*-member-init): filled before it is read
  pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, static_cast<int>(patience.count())) <= 0) return Received::failed;
  while (true) {
    ssize_t got = recv(fd_, block.data(), block.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Received::failed;
    into.append(block.data(), static_cast<std::size_t>(got));
    return got == 0 ? Received::end : Received::some;
  }
}

bool PlainConnection::receive(std::string& into, std::chrono::milliseconds patience) {
  return receive_some(into, patience) == Received::some;
}

bool PlainConnection::receive_all(std::string& into, std::size_t most,
                                  std::chrono::milliseconds patience) {
  while (into.size() < most) {
    Received received = receive_some(into, patience);
    if (received != Received::some) return received == Received::end;
  }
  return false;
}

}  // namespace sallyport::cli
