#include "async/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <compare>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace sallyport::async {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kUnix = "unix:";
constexpr std::chrono::seconds kLiteralTtl{86'400};
constexpr milliseconds kAttempt{1500};  // before the next name server is asked

SocketAddress v4_address(const in_addr& address, std::uint16_t port) {
  SocketAddress made;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr = address;
  std::memcpy(&made.storage, &in, sizeof in);
  made.size = sizeof in;
  return made;
}

SocketAddress v6_address(const in6_addr& address, std::uint32_t scope, std::uint16_t port) {
  SocketAddress made;
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  in.sin6_addr = address;
  in.sin6_scope_id = scope;
  std::memcpy(&made.storage, &in, sizeof in);
  made.size = sizeof in;
  return made;
}

SocketAddress unix_address(std::string_view path) {
  SocketAddress made;
  sockaddr_un un{};
  if (path.empty() || path.size() >= sizeof un.sun_path) return made;
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  std::memcpy(&made.storage, &un, sizeof un);
  made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return made;
}

// By family, then by bytes: IPv4 first, and the same set always in the same order.
bool precedes(const SocketAddress& a, const SocketAddress& b) {
  if (a.storage.ss_family != b.storage.ss_family) return a.storage.ss_family < b.storage.ss_family;
  return std::memcmp(&a.storage, &b.storage, std::min(a.size, b.size)) < 0;
}

struct Lookup {
  std::uint16_t port;
  bool done = false;
  int status = ARES_SUCCESS;
  Resolution resolution;

  static void on_answer(void* argument, int status, int /*timeouts*/, ares_addrinfo* found) {
    auto& self = *static_cast<Lookup*>(argument);
    self.done = true;
    self.status = status;
    if (found == nullptr) return;
    self.take(*found);
    ares_freeaddrinfo(found);
  }

  void take(const ares_addrinfo& found) {
    std::chrono::seconds least = std::chrono::seconds::max();
    for (const ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
      SocketAddress address;
      if (node->ai_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, node->ai_addr, sizeof in);
        address = v4_address(in.sin_addr, port);
      } else if (node->ai_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, node->ai_addr, sizeof in);
        address = v6_address(in.sin6_addr, in.sin6_scope_id, port);
      } else {
        continue;
      }
      least = std::min(least, std::chrono::seconds(node->ai_ttl));
      resolution.addresses.push_back(address);
    }
    for (const ares_addrinfo_cname* alias = found.cnames; alias != nullptr; alias = alias->next) {
      least = std::min(least, std::chrono::seconds(alias->ttl));
    }
    resolution.ttl = std::max(least, std::chrono::seconds(1));
    auto& addresses = resolution.addresses;
    std::ranges::sort(addresses, precedes);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  }
};

// Drives the channel until the answer is there or `deadline` has passed. poll, not select: a
// gateway has more than 1024 descriptors.
void drive(ares_channel channel, const Lookup& lookup, Clock::time_point deadline) {
  while (!lookup.done) {
    auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return;
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    std::array<pollfd, ARES_GETSOCK_MAXNUM> waiting{};
    const auto wanted = static_cast<unsigned>(
        ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size())));
    nfds_t count = 0;
    for (unsigned i = 0; i < sockets.size(); ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(wanted, i) != 0) events |= POLLIN;
      if (ARES_GETSOCK_WRITABLE(wanted, i) != 0) events |= POLLOUT;
      if (events != 0) waiting.at(count++) = {.fd = sockets.at(i), .events = events, .revents = 0};
    }
    timeval most{.tv_sec = left.count() / 1000, .tv_usec = left.count() % 1000 * 1000};
    timeval next{};
    const timeval* wait = ares_timeout(channel, &most, &next);
    // One more millisecond: rounding down would spin until the timeout is really due.
    const auto timeout = static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
    int ready = poll(waiting.data(), count, timeout);
    if (ready <= 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (nfds_t i = 0; ready > 0 && i < count; ++i) {
      const pollfd& each = waiting.at(i);
      if (each.revents == 0) continue;
      bool readable = (each.revents & ~POLLOUT) != 0;
      bool writable = (each.revents & POLLOUT) != 0;
      ares_process_fd(channel, readable ? each.fd : ARES_SOCKET_BAD,
                      writable ? each.fd : ARES_SOCKET_BAD);
    }
  }
}

bool library_ready() {
  static const bool ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  return ready;
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  if (storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  }
  return 0;
}

std::string SocketAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> digits{};
  if (size == 0) return {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, digits.data(), digits.size());
    return std::string(digits.data()) + ':' + std::to_string(ntohs(in.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    inet_ntop(AF_INET6, &in.sin6_addr, digits.data(), digits.size());
    std::string zone = in.sin6_scope_id != 0 ? '%' + std::to_string(in.sin6_scope_id) : "";
    return '[' + std::string(digits.data()) + zone + "]:" + std::to_string(ntohs(in.sin6_port));
  }
  sockaddr_un un{};
  std::memcpy(&un, &storage, std::min<std::size_t>(size, sizeof un));
  return std::string(kUnix) + un.sun_path;
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
}

SocketAddress SocketAddress::literal(const std::string& host, std::uint16_t port) {
  if (host.starts_with(kUnix)) return unix_address(std::string_view(host).substr(kUnix.size()));
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return v4_address(v4, port);
  std::string text = host;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  std::uint32_t scope = 0;
  if (std::size_t percent = text.find('%'); percent != std::string::npos) {
    std::string zone = text.substr(percent + 1);
    scope = if_nametoindex(zone.c_str());
    if (scope == 0) return {};
    text.resize(percent);
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return v6_address(v6, scope, port);
  return {};
}

Resolution resolve(const std::string& host, std::uint16_t port, milliseconds timeout) {
  Lookup lookup{.port = port};
  Resolution& result = lookup.resolution;
  if (SocketAddress literal = SocketAddress::literal(host, port); literal.size != 0) {
    result.addresses.push_back(literal);
    result.ttl = kLiteralTtl;
    return std::move(result);
  }
  const Clock::time_point deadline = Clock::now() + timeout;
  ares_options options{};
  options.timeout = static_cast<int>(std::clamp(timeout, milliseconds(1), kAttempt).count());
  options.tries = 3;
  ares_channel channel = nullptr;
  int status = library_ready()
                   ? ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES)
                   : ARES_ENOTINITIALIZED;
  if (status != ARES_SUCCESS) {
    result.error = std::string("the resolver cannot start: ") + ares_strerror(status);
    return std::move(result);
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT;  // sorted here, and RFC 6724 order would open sockets to ask
  ares_getaddrinfo(channel, host.c_str(), nullptr, &hints, &Lookup::on_answer, &lookup);
  drive(channel, lookup, deadline);
  bool late = !lookup.done;
  ares_destroy(channel);  // ends what is still under way
  if (!result.addresses.empty()) return std::move(result);
  result.error =
      late ? "no answer for " + host + " within " + std::to_string(timeout.count()) + " ms"
           : host + ": " + ares_strerror(lookup.status);
  return std::move(result);
}

}  // namespace sallyport::async
