#include "async/socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "async/task.h"

namespace sallyport::async {
namespace {

using namespace std::chrono_literals;

struct Listening {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};

  Listening() {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd, 16), 0);
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  [[nodiscard]] int connecting() const {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      EXPECT_EQ(errno, EINPROGRESS);
    }
    return client;
  }
};

Detached connects(Reactor& reactor, Listening& listening, IoResult& result, std::string& got) {
  Socket socket(reactor, listening.connecting(), false);
  EXPECT_TRUE(socket.valid());
  result = co_await WaitConnected(socket);
  if (result.ok()) {
    int peer = accept(listening.fd, nullptr, nullptr);
    EXPECT_EQ(write(peer, "hello", 5), 5);
    ::close(peer);
    IoResult ready = co_await WaitReadable(socket);
    EXPECT_EQ(ready.value, 1);
    std::array<std::byte, 100> into{};
    IoResult part = socket.try_recv(into);
    EXPECT_EQ(part.value, 5);
    got.assign(reinterpret_cast<const char*>(into.data()), 5);
    ready = co_await WaitReadable(socket);
    part = socket.try_recv(into);
    EXPECT_EQ(part.value, 0);
    EXPECT_TRUE(socket.peer_closed());
  }
  reactor.stop();
}

TEST(SocketTest, connects_reads_and_sees_the_end) {
  Reactor reactor;
  Listening listening;
  IoResult result;
  std::string got;
  connects(reactor, listening, result, got);
  reactor.run();
  EXPECT_EQ(result.value, 1);
  EXPECT_EQ(got, "hello");
}

TEST(SocketTest, refused_connection_is_an_error) {
  Reactor reactor;
  Listening listening;
  listening.close();  // nobody listens there any more
  IoResult result;
  std::string got;
  connects(reactor, listening, result, got);
  reactor.run();
  EXPECT_EQ(result.value, -ECONNREFUSED);
}

struct Pair {
  int near = -1;
  int far = -1;
  Pair() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    near = fds[0];
    far = fds[1];
  }
};

struct Watching final : SocketWatcher {
  explicit Watching(Reactor& reactor) : reactor(reactor) {}
  void on_socket_event(bool readable, bool peer_closed, bool /*hung_up*/) override {
    seen_readable = seen_readable || readable;
    if (peer_closed) {
      seen_closed = true;
      reactor.stop();
    }
  }
  Reactor& reactor;
  bool seen_readable = false;
  bool seen_closed = false;
};

TEST(SocketTest, watcher_hears_of_bytes_and_of_the_end) {
  Reactor reactor;
  Pair pair;
  Socket socket(reactor, pair.near, true);
  Watching watching(reactor);
  socket.watch(&watching);
  reactor.post([&] {
    EXPECT_EQ(write(pair.far, "x", 1), 1);
    close(pair.far);
  });
  reactor.run();
  EXPECT_TRUE(watching.seen_readable);
  EXPECT_TRUE(watching.seen_closed);
}

// Destroys another socket whose event may be in the same batch.
struct Destroying final : SocketWatcher {
  std::unique_ptr<Socket>* victim = nullptr;
  Reactor* reactor = nullptr;
  int events = 0;
  void on_socket_event(bool readable, bool /*peer_closed*/, bool /*hung_up*/) override {
    if (!readable) return;
    ++events;
    victim->reset();
    reactor->stop();
  }
};

TEST(SocketTest, event_for_a_destroyed_socket_is_ignored) {
  Reactor reactor;
  Pair one;
  Pair two;
  auto first = std::make_unique<Socket>(reactor, one.near, true);
  auto second = std::make_unique<Socket>(reactor, two.near, true);
  Destroying kills_second;
  kills_second.victim = &second;
  kills_second.reactor = &reactor;
  Destroying kills_first;
  kills_first.victim = &first;
  kills_first.reactor = &reactor;
  first->watch(&kills_second);
  second->watch(&kills_first);
  EXPECT_EQ(write(one.far, "x", 1), 1);
  EXPECT_EQ(write(two.far, "x", 1), 1);
  reactor.run();
  EXPECT_EQ(kills_first.events + kills_second.events, 1);
  close(one.far);
  close(two.far);
}

Detached waits_to_read(Socket& socket, IoResult& result, Reactor& reactor) {
  result = co_await WaitReadable(socket);
  reactor.stop();
}

TEST(SocketTest, timer_ends_a_wait_and_leaves_the_socket) {
  Reactor reactor;
  Pair pair;
  Socket socket(reactor, pair.near, true);
  socket.arm(20ms);
  IoResult result;
  waits_to_read(socket, result, reactor);
  reactor.run();
  EXPECT_EQ(result.value, -ETIMEDOUT);
  EXPECT_EQ(socket.error(), 0);
  char letter = 'x';
  iovec piece{.iov_base = &letter, .iov_len = 1};
  EXPECT_EQ(socket.try_send({&piece, 1}).value, 1);
  close(pair.far);
}

TEST(SocketTest, first_reason_to_kill_stays) {
  Reactor reactor;
  Pair pair;
  Socket socket(reactor, pair.near, true);
  socket.kill(ECANCELED);
  socket.kill(ETIMEDOUT);
  EXPECT_EQ(socket.error(), ECANCELED);
  close(pair.far);
}

Detached notes_its_turn(Socket& socket, int name, std::vector<int>& notes, int tells,
                        std::size_t all) {
  EXPECT_TRUE((co_await WaitReadable(socket)).ok());
  notes.push_back(name);
  if (tells >= 0) {
    EXPECT_EQ(write(tells, "x", 1), 1);
  }
  if (notes.size() == all) socket.reactor().stop();
}

// Of many that begin, the first makes the one that ends readable: that one need not wait for all.
TEST(SocketTest, what_ends_exchanges_overtakes_the_line_of_what_begins_them) {
  constexpr std::size_t kBeginning = 300;
  constexpr int kEnding = -1;
  Reactor reactor;
  std::vector<int> notes;
  Pair ending;
  Socket ends(reactor, ending.near, false);
  std::vector<Pair> pairs(kBeginning);
  std::vector<std::unique_ptr<Socket>> sockets;
  notes_its_turn(ends, kEnding, notes, -1, kBeginning + 1);
  for (std::size_t i = 0; i < kBeginning; ++i) {
    Pair& pair = pairs.at(i);
    Socket& socket = *sockets.emplace_back(std::make_unique<Socket>(reactor, pair.near, true));
    notes_its_turn(socket, static_cast<int>(i), notes, i == 0 ? ending.far : -1, kBeginning + 1);
    EXPECT_EQ(write(pair.far, "x", 1), 1);
  }
  reactor.run();
  ASSERT_EQ(notes.size(), kBeginning + 1);
  auto ended = std::ranges::find(notes, kEnding);
  EXPECT_LT(ended - notes.begin(), 100);
  notes.erase(ended);
  EXPECT_TRUE(std::ranges::is_sorted(notes));  // the others kept their order
  ::close(ending.far);
  for (Pair& pair : pairs) ::close(pair.far);
}

Detached leaves_after(Socket& socket, std::unique_ptr<Socket>& victim, bool& seen) {
  EXPECT_TRUE((co_await WaitReadable(socket)).ok());
  victim.reset();
  seen = true;
}

// The events of a socket that goes while it stands in line are not given to its successor.
TEST(SocketTest, a_socket_may_go_while_its_events_wait) {
  Reactor reactor;
  std::vector<Pair> pairs(200);
  std::vector<std::unique_ptr<Socket>> sockets;
  std::vector<int> notes;
  for (Pair& pair : pairs) {
    sockets.emplace_back(std::make_unique<Socket>(reactor, pair.near, true));
    EXPECT_EQ(write(pair.far, "x", 1), 1);
  }
  bool seen = false;
  leaves_after(*sockets.front(), sockets.back(), seen);
  for (int i = 1; i < 199; ++i) {
    notes_its_turn(*sockets.at(static_cast<std::size_t>(i)), i, notes, -1, 198);
  }
  reactor.run();
  EXPECT_TRUE(seen);
  EXPECT_EQ(notes.size(), 198U);
  for (Pair& pair : pairs) ::close(pair.far);
}

}  // namespace
}  // namespace sallyport::async
