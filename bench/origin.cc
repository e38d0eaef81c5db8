// The upstream of the benchmarks: an HTTP/1.1 server so small that a core has room for it and the
// load generator. One thread, keep-alive, edge-triggered epoll.
//
//   GET  /<n>[k|m|g]  n bytes of body; whole responses up to 1 MiB are made once and kept
//   POST /echo        the body comes back (Content-Length, up to 1 MiB)
//   any  /sink        the body is read and thrown away, of any length and framing
//
// It trusts its peers: for 127.0.0.1 and for nothing but measuring.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kKept = 1 << 20;  // bodies above are streamed from `filler`
constexpr std::size_t kRead = 256 << 10;

const std::string& filler() {
  static const std::string text = [] {
    std::string made;
    while (made.size() < kKept) made += R"({"id":1234,"name":"lantern","tags":["a","b"]},)";
    made.resize(kKept);
    return made;
  }();
  return text;
}

std::string head(std::uint64_t length) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: origin\r\n"
         "Content-Length: " +
         std::to_string(length) + "\r\n\r\n";
}

const std::string& whole_response(std::uint64_t length) {
  static std::map<std::uint64_t, std::string> kept;
  std::string& text = kept[length];
  if (text.empty()) text = head(length) + filler().substr(0, length);
  return text;
}

std::uint64_t length_of(std::string_view path) {
  std::uint64_t n = 0;
  auto [rest, error] = std::from_chars(path.data() + 1, path.data() + path.size(), n);
  if (error != std::errc()) return 1024;
  switch (rest == path.data() + path.size() ? ' ' : *rest) {
    case 'k':
      return n << 10;
    case 'm':
      return n << 20;
    case 'g':
      return n << 30;
    default:
      return n;
  }
}

// The value of a header field, found without regard to the letter case of its name.
std::string_view field(std::string_view head, std::string_view lower_name) {
  while (!head.empty()) {
    std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (line.size() <= lower_name.size() || line[lower_name.size()] != ':') continue;
    bool same = std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                           [](char a, char b) { return a == (b | 0x20); });
    if (!same) continue;
    line.remove_prefix(lower_name.size() + 1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }
  return {};
}

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What arrived; false: the connection is over.
  bool readable(bool peer_closed) {
    static std::array<char, kRead> buffer;
    for (;;) {
      if (waiting()) return true;  // answers first, then reads on
      ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
      if (n < 0) return errno == EAGAIN;
      if (n == 0) return false;
      std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
      if (!take(bytes)) return false;
      if (bytes.size() < buffer.size() && !peer_closed) return true;
    }
  }

  // The socket takes bytes again.
  bool writable() {
    if (!waiting()) return true;
    if (!send_pending()) return false;
    // What arrived meanwhile was left unread, and no edge will tell of it again.
    return waiting() || readable(false);
  }

 private:
  [[nodiscard]] bool waiting() const { return !pending_.empty() || stream_left_ > 0; }

  bool take(std::string_view bytes) {
    if (skip_ > 0) {  // the body of /sink
      std::size_t part = std::min<std::uint64_t>(skip_, bytes.size());
      skip_ -= part;
      bytes.remove_prefix(part);
      if (skip_ == 0 && !answer(whole_response(2))) return false;
    }
    if (skip_chunks_) return take_chunks(bytes);
    if (bytes.empty()) return true;
    in_.append(bytes);
    while (!in_.empty() && skip_ == 0 && !skip_chunks_) {
      std::size_t used = one(in_);
      if (used == 0) return in_.size() < 2 * kKept;
      if (used == std::string::npos) return false;
      in_.erase(0, used);
    }
    return true;
  }

  // Only the end matters: the last chunk of what a well-behaved gateway sends.
  bool take_chunks(std::string_view bytes) {
    constexpr std::string_view kEnd = "\r\n0\r\n\r\n";
    tail_.append(bytes.size() > 16 ? bytes.substr(bytes.size() - 16) : bytes);
    if (tail_.size() > 32) tail_.erase(0, tail_.size() - 32);
    if (!tail_.ends_with(kEnd)) return true;
    skip_chunks_ = false;
    tail_.clear();
    return answer(whole_response(2));
  }

  // Handles the request at the front of `in`: how many bytes it took, 0 for "not whole yet", npos
  // for "over".
  std::size_t one(std::string_view in) {
    std::size_t end = in.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    std::size_t size = end + 4;
    std::string_view request = in.substr(0, end);
    std::size_t space = request.find(' ');
    std::size_t second = request.find(' ', space + 1);
    if (space == std::string_view::npos || second == std::string_view::npos) return in.npos;
    std::string_view method = request.substr(0, space);
    std::string_view path = request.substr(space + 1, second - space - 1);

    std::uint64_t length = 0;
    bool chunked = false;
    if (method != "GET") {
      std::string_view text = field(request, "content-length");
      std::from_chars(text.data(), text.data() + text.size(), length);
      chunked = !field(request, "transfer-encoding").empty();
    }
    if (path.starts_with("/echo")) return echo(in, size, length);
    if (path.starts_with("/sink") && (length > 0 || chunked)) {
      std::string_view rest = in.substr(size);
      skip_ = length;
      skip_chunks_ = chunked;
      return take(rest) ? in.size() : in.npos;
    }
    if (in.size() < size + length) return 0;
    return respond(length_of(path)) ? size + length : in.npos;
  }

  std::size_t echo(std::string_view in, std::size_t size, std::uint64_t length) {
    if (length > kKept) return in.npos;
    if (in.size() < size + length) return 0;
    std::string response = head(length);
    response.append(in.substr(size, length));
    return answer(response) ? size + length : in.npos;
  }

  bool respond(std::uint64_t length) {
    if (length <= kKept) return answer(whole_response(length));
    stream_left_ = length;
    return answer(head(length)) && send_pending();
  }

  bool answer(std::string_view bytes) {
    if (pending_.empty()) {
      ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) return false;
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    pending_.append(bytes);
    return true;
  }

  bool send_pending() {
    while (waiting()) {
      bool streams = pending_.empty();
      std::string_view next = streams ? filler() : pending_;
      next = streams ? next.substr(0, std::min<std::uint64_t>(stream_left_, kKept))
                     : next.substr(sent_);
      ssize_t n = send(fd_, next.data(), next.size(), MSG_NOSIGNAL);
      if (n < 0) return errno == EAGAIN;
      if (streams) {
        stream_left_ -= static_cast<std::uint64_t>(n);
      } else if ((sent_ += static_cast<std::size_t>(n)) == pending_.size()) {
        pending_.clear();
        sent_ = 0;
      }
    }
    return true;
  }

  const int fd_;
  std::string in_;
  std::string pending_;            // what the socket did not take at once
  std::size_t sent_ = 0;           // of it
  std::string tail_;               // of a chunked body that is thrown away
  std::uint64_t stream_left_ = 0;  // bytes of filler still to send
  std::uint64_t skip_ = 0;         // bytes of body still to throw away
  bool skip_chunks_ = false;
};

int listen_on(std::uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(fd, 4096) != 0) {
    std::perror("origin: listen");
    std::exit(1);
  }
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: origin PORT\n", stderr);
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  int poll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::vector<epoll_event> events(512);
  for (;;) {
    int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      epoll_event& at = events[static_cast<std::size_t>(i)];
      auto* connection = static_cast<Connection*>(at.data.ptr);
      if (connection == nullptr) {
        int fd = 0;
        while ((fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          int on = 1;
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          auto made = std::make_unique<Connection>(fd);
          epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                             .data = {.ptr = made.release()}};
          epoll_ctl(poll, EPOLL_CTL_ADD, fd, &wanted);
        }
        continue;
      }
      bool open = (at.events & (EPOLLERR | EPOLLHUP)) == 0U;
      bool peer_closed = (at.events & EPOLLRDHUP) != 0U;
      if (open && (at.events & EPOLLOUT) != 0U) open = connection->writable();
      if (open && (at.events & (EPOLLIN | EPOLLRDHUP)) != 0U) {
        open = connection->readable(peer_closed);
      }
      if (!open) delete connection;
    }
  }
}
