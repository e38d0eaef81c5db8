// Names to addresses with their time to live, without blocking a reactor (c-ares: /etc/hosts, DNS,
// search domains as the system is configured).
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

namespace sallyport::async {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  // "10.0.0.1:9000", "[2001:db8::1]:9000", "unix:/path".
  [[nodiscard]] std::string text() const;
  // 0 when it is no internet address.
  [[nodiscard]] std::uint16_t port() const;
  friend bool operator==(const SocketAddress& a, const SocketAddress& b);
  // A literal address, no lookup; size 0 when it is none.
  static SocketAddress literal(const std::string& host, std::uint16_t port);
};

struct Resolution {
  std::vector<SocketAddress> addresses;  // sorted; empty on failure
  std::chrono::seconds ttl{0};           // least of the records'; at least 1
  std::string error;                     // why there are none
};

// Blocks up to `timeout`: for the blocking threads and for start-up only, never for a reactor.
[[nodiscard]] Resolution resolve(const std::string& host, std::uint16_t port,
                                 std::chrono::milliseconds timeout);

}  // namespace sallyport::async
