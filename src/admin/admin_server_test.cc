#include "admin/admin_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "admin/fake_backend.h"

namespace sallyport::admin {
namespace {

using ::testing::EndsWith;
using testing::FakeBackend;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A client's socket; everything blocks, for ten seconds at most.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(fd_); }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view text) const {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // Up to the end of the connection, or of the wait.
  [[nodiscard]] std::string rest() const {
    std::string all;
    std::array<char, 4096> block{};
    for (;;) {
      ssize_t got = recv(fd_, block.data(), block.size(), 0);
      if (got <= 0) return all;
      all.append(block.data(), static_cast<std::size_t>(got));
    }
  }
  // Until `text` has come.
  [[nodiscard]] std::string until(std::string_view text) const {
    std::string all;
    char c = 0;
    while (!all.ends_with(text) && recv(fd_, &c, 1, 0) == 1) all += c;
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() : server_(std::make_unique<AdminServer>(reactor_, backend_)) {
    server_->listen(open_listener());
    thread_ = std::thread([this] { reactor_.run(); });
  }
  ~AdminServerTest() override {
    on_reactor([this] { server_->stop(); });
    reactor_.stop();
    thread_.join();
    EXPECT_EQ(server_->connections(), 0U);
  }

  int open_listener() {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd, 256), 0);
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    return fd;
  }
  template <typename Work>
  void on_reactor(Work work) {
    std::promise<void> done;
    reactor_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  [[nodiscard]] std::string ask(std::string_view request) const {
    Client client(port_);
    client.send(request);
    return client.rest();
  }

  FakeBackend backend_;
  async::Reactor reactor_;
  std::unique_ptr<AdminServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(AdminServerTest, AnswersOverHttp) {
  std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nmetric 1\n"));
}

TEST_F(AdminServerTest, KeepsConnectionsAndAnswersInOrder) {
  std::string answer =
      ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
          "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
          "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("alive"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, RefusesWhatIsNoHttp) {
  struct Case {
    std::string_view bytes;
    std::string_view status;
  };
  const Case cases[] = {
      {"NONSENSE\r\n\r\n", "400"},
      {"GET /health HTTP/1.1\r\n\r\n", "400"},
      {"GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", "400"},
      {"POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400"},
      {"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"},
      {"GET http://evil.example/config HTTP/1.1\r\nHost: evil.example\r\nConnection: "
       "close\r\n\r\n",
       "421"},
  };
  for (const Case& each : cases) {
    EXPECT_THAT(ask(each.bytes), StartsWith("HTTP/1.1 " + std::string(each.status) + " "))
        << each.bytes;
  }
  EXPECT_EQ(backend_.reloads, 0);
}

TEST_F(AdminServerTest, TakesABodyItHasNoUseFor) {
  std::string answer =
      ask("POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
          "Connection: close\r\n\r\nhello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, MakesRoomForNewcomersAtTheBound) {
  std::vector<std::unique_ptr<Client>> idle;
  for (std::size_t i = 0; i < 2 * AdminServer::kMostConnections; ++i) {
    idle.push_back(std::make_unique<Client>(port_));
    ASSERT_TRUE(idle.back()->connected());
  }
  EXPECT_THAT(ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  std::size_t open = 0;
  on_reactor([&] { open = server_->connections(); });
  EXPECT_LE(open, AdminServer::kMostConnections);
}

TEST_F(AdminServerTest, RefusesNewcomersWhenEveryConnectionIsBusy) {
  backend_.later = true;
  std::vector<std::unique_ptr<Client>> busy;
  for (std::size_t i = 0; i < AdminServer::kMostConnections; ++i) {
    busy.push_back(std::make_unique<Client>(port_));
    busy.back()->send("POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  for (std::size_t waiting = 0; waiting < busy.size();) {
    on_reactor([&] { waiting = backend_.waiting.size(); });
  }
  Client late(port_);
  EXPECT_THAT(late.rest(), StartsWith("HTTP/1.1 503 "));
  on_reactor([&] {
    for (auto& done : backend_.waiting) done(backend_.reloaded);
  });
  for (auto& client : busy) {
    EXPECT_THAT(client->until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(AdminServerTest, FinishesAnAnswerAfterTheListenerIsGone) {
  backend_.later = true;
  Client client(port_);
  client.send("POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (std::size_t waiting = 0; waiting == 0;) {
    on_reactor([&] { waiting = backend_.waiting.size(); });
  }
  on_reactor([&] {
    server_->listen(-1);
    backend_.waiting.front()(backend_.reloaded);
  });
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 200 "));
  EXPECT_FALSE(Client(port_).connected());
}

TEST_F(AdminServerTest, MovesToAnotherListener) {
  std::uint16_t before = port_;
  Client kept(before);
  kept.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(kept.until("}\n"), HasSubstr("alive"));
  int fd = open_listener();
  on_reactor([&] { server_->listen(fd); });
  EXPECT_THAT(ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              HasSubstr("alive"));
  kept.send("GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(kept.rest(), HasSubstr("ready"));
  EXPECT_FALSE(Client(before).connected());
}

// What the fixture's end then has to cope with.
TEST_F(AdminServerTest, StopsWhileAnswersAreDue) {
  backend_.later = true;
  auto client = std::make_unique<Client>(port_);
  auto idle = std::make_unique<Client>(port_);
  client->send("POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (std::size_t waiting = 0; waiting == 0;) {
    on_reactor([&] { waiting = backend_.waiting.size(); });
  }
}

}  // namespace
}  // namespace sallyport::admin
