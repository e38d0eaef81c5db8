#include "gateway/listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/text.h"

namespace sallyport::gateway {
namespace {

constexpr int kBacklog = 4096;

int open_socket(const async::SocketAddress& address, std::string& error) {
  int family = address.storage.ss_family;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  auto fail = [&](const char* step) {
    error = "cannot listen on " + address.text() + ": " + step + ": " + std::strerror(errno);
    if (errno == EADDRINUSE) error += "; another process uses this port";
    if (errno == EACCES) error += "; ports below 1024 need CAP_NET_BIND_SERVICE";
    if (fd >= 0) close(fd);
    return -1;
  };
  if (fd < 0) return fail("socket");
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return fail("SO_REUSEPORT");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  if (family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    // "::" serves IPv4 as well; a particular IPv6 address only itself.
    int only = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) ? 0 : 1;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return fail("bind");
  }
  if (listen(fd, kBacklog) != 0) return fail("listen");
  return fd;
}

async::SocketAddress bound_address(int fd) {
  async::SocketAddress address;
  address.size = sizeof address.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
    address.size = 0;
  }
  return address;
}

// SO_REUSEPORT lets a second gateway of the same user bind the same port in silence: find out
// first, so that a double start is an error.
bool taken(const async::SocketAddress& address) {
  int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bool in_use = bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 &&
                errno == EADDRINUSE;
  close(fd);
  return in_use;
}

}  // namespace

std::string listener_key(const config::Listener& listener, std::size_t address) {
  return listener.text + "#" + std::to_string(address);
}

Listeners::~Listeners() { keep_only({}); }

void Listeners::inherit() {
  const char* text = std::getenv(kEnvironment);
  if (text == nullptr) return;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::size_t end = rest.find(';');
    std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    std::size_t equals = entry.rfind('=');
    if (equals == std::string_view::npos) continue;
    ListeningSockets sockets{.key = std::string(entry.substr(0, equals)), .address = {}, .fds = {}};
    text::for_each_element(entry.substr(equals + 1), [&](std::string_view number) {
      int fd = static_cast<int>(text::to_number(number).value_or(0));
      if (fd <= 2 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return;
      sockets.fds.push_back(fd);
    });
    if (sockets.fds.empty()) continue;
    sockets.address = bound_address(sockets.fds.front());
    open_.push_back(std::move(sockets));
  }
  unsetenv(kEnvironment);
}

bool Listeners::open(const std::string& key, const async::SocketAddress& address, unsigned sockets,
                     std::string& error) {
  auto found = std::ranges::find(open_, key, &ListeningSockets::key);
  ListeningSockets made{.key = key, .address = address, .fds = {}};
  std::size_t have = found != open_.end() ? found->fds.size() : 0;
  if (have >= sockets) return true;
  if (found != open_.end()) made.address = found->address;
  // A socket of our own on this port, for another address, is no other process.
  bool ours = std::ranges::any_of(open_, [&](const ListeningSockets& sockets) {
    return sockets.address.port() == address.port();
  });
  if (have == 0 && !ours && taken(made.address)) {
    error = "cannot listen on " + made.address.text() + ": another process uses this port";
    return false;
  }
  for (std::size_t i = have; i < sockets; ++i) {
    int fd = open_socket(made.address, error);
    if (fd < 0) {
      for (int opened : made.fds) close(opened);
      return false;
    }
    if (i == 0) made.address = bound_address(fd);
    made.fds.push_back(fd);
  }
  if (found == open_.end()) {
    open_.push_back(std::move(made));
  } else {
    found->fds.insert(found->fds.end(), made.fds.begin(), made.fds.end());
  }
  return true;
}

const ListeningSockets* Listeners::find(const std::string& key) const {
  auto found = std::ranges::find(open_, key, &ListeningSockets::key);
  return found != open_.end() ? &*found : nullptr;
}

void Listeners::keep_only(const std::vector<std::string>& keys) {
  std::erase_if(open_, [&](const ListeningSockets& sockets) {
    if (std::ranges::find(keys, sockets.key) != keys.end()) return false;
    for (int fd : sockets.fds) close(fd);
    return true;
  });
}

std::string Listeners::to_environment(std::vector<int>& fds) const {
  std::string text;
  for (const ListeningSockets& sockets : open_) {
    text += sockets.key + "=";
    for (int fd : sockets.fds) {
      text += std::to_string(fd) + ",";
      fds.push_back(fd);
    }
    text += ";";
  }
  return text;
}

}  // namespace sallyport::gateway
