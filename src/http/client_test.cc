#include "http/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "async/reactor.h"
#include "base/result.h"

namespace sallyport::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A server on 127.0.0.1, one thread for each connection. `answer` makes the bytes sent back for
// one request; empty ones: nothing is ever said.
class Server {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  explicit Server(Answer answer)
      : answer_(std::move(answer)), listening_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(listening_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(listen(listening_, 256), 0);
    EXPECT_EQ(getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    {
      std::scoped_lock lock(mutex_);
      for (int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& each : serving_) each.join();
    for (int fd : open_) close(fd);
    close(listening_);
  }

  [[nodiscard]] std::string url(const std::string& path, const char* host = "127.0.0.1") const {
    return std::string("http://") + host + ":" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::size_t connections() const { return accepted_; }
  [[nodiscard]] std::string last_request() {
    std::scoped_lock lock(mutex_);
    return last_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int fd = accept(listening_, nullptr, nullptr);
      if (fd < 0) return;
      ++accepted_;
      std::scoped_lock lock(mutex_);
      open_.push_back(fd);
      serving_.emplace_back([this, fd] { serve(fd); });
    }
  }
  void serve(int fd) {
    std::string buffer;
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t got = recv(fd, piece.data(), piece.size(), 0);
      if (got <= 0) return;
      buffer.append(piece.data(), static_cast<std::size_t>(got));
      const std::size_t head = buffer.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      std::size_t length = 0;
      if (const std::size_t at = buffer.find("Content-Length: "); at < head) {
        length = std::stoul(buffer.substr(at + 16));
      }
      if (buffer.size() < head + 4 + length) continue;
      {
        std::scoped_lock lock(mutex_);
        last_ = buffer;
      }
      const std::string answer = answer_(buffer);
      buffer.clear();
      if (!answer.empty()) (void)send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  const Answer answer_;
  const int listening_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> accepted_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> serving_;
  std::string last_;
  std::thread accepting_;
};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

using Answer = std::expected<ClientResponse, std::string>;

// Runs a reactor until every request has its answer. `while_waiting` is called once all are sent.
std::vector<Answer> ask_all(std::vector<ClientRequest> requests, ClientLimits limits = {},
                            const std::function<void(Client&)>& while_waiting = {}) {
  async::Reactor reactor;
  Client client(reactor, limits);
  std::vector<Answer> answers(requests.size(), Answer(std::unexpect, "no answer"));
  std::size_t left = requests.size();
  auto one = [](async::Reactor& on, Client& by, ClientRequest request, Answer& into,
                std::size_t& to_come) -> Task<Done> {
    Task<Answer> asked = by.send(std::move(request));
    Answer got = co_await asked;
    into = std::move(got);
    if (--to_come == 0) on.stop();
    co_return Done{};
  };
  std::vector<Task<Done>> tasks;
  tasks.reserve(requests.size());
  reactor.post([&] {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      tasks.push_back(one(reactor, client, std::move(requests[i]), answers[i], left));
    }
    if (while_waiting) while_waiting(client);
  });
  reactor.run();
  EXPECT_EQ(client.in_flight(), 0U);
  return answers;
}

Answer ask(ClientRequest request) {
  std::vector<ClientRequest> one;
  one.push_back(std::move(request));
  return std::move(ask_all(std::move(one)).front());
}

TEST(Client, SendsWhatItIsGivenAndNothingElse) {
  Server server([](const std::string&) {
    return "HTTP/1.1 418 Teapot\r\nX-User: ann \r\nx-user: bob\r\nX-Empty:\r\nContent-Length: "
           "2\r\n\r\nno";
  });
  ClientRequest request{.method = "REPORT", .url = server.url("/a/../b?c=%20"), .body = "hello"};
  request.headers = {{"X-One", "1"}, {"X-None", ""}};
  const Answer answer = ask(std::move(request));
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 418);
  EXPECT_EQ(answer->body, "no");
  EXPECT_EQ(answer->header("X-USER"), "ann");
  EXPECT_EQ(answer->headers.size(), 4U);
  const std::string sent = server.last_request();
  EXPECT_THAT(sent, StartsWith("REPORT /a/../b?c=%20 HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-One: 1\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nX-None:\r\n"));
  EXPECT_THAT(sent, ::testing::EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(sent, Not(HasSubstr("Accept")));
  EXPECT_THAT(sent, Not(HasSubstr("Content-Type")));
}

TEST(Client, MethodsKeepTheirMeaning) {
  Server server([](const std::string& request) {
    return request.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" : ok("");
  });
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
    const Answer answer = ask({.method = method, .url = server.url("/")});
    ASSERT_TRUE(answer) << method << ": " << answer.error();
    EXPECT_THAT(server.last_request(), StartsWith(std::string(method) + " / HTTP/1.1\r\n"));
    EXPECT_EQ(answer->body, "");
  }
}

TEST(Client, KeepsConnections) {
  Server server([](const std::string&) { return ok("yes"); });
  async::Reactor reactor;
  Client client(reactor);
  auto thrice = [&](std::string url) -> Task<Done> {
    for (int i = 0; i < 3; ++i) {
      ClientRequest request{.url = url};
      Task<Answer> asked = client.send(std::move(request));
      Answer answer = co_await asked;
      EXPECT_TRUE(answer && answer->body == "yes");
    }
    reactor.stop();
    co_return Done{};
  };
  std::optional<Task<Done>> task;
  reactor.post([&] { task.emplace(thrice(server.url("/"))); });
  reactor.run();
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Client, ManyAreAskedAtOnce) {
  Server server(
      [](const std::string& request) { return ok(request.substr(4, request.find(' ', 4) - 4)); });
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 100; ++i)
    requests.push_back({.url = server.url("/" + std::to_string(i), "localhost")});
  const std::vector<Answer> answers = ask_all(std::move(requests));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]) << answers[i].error();
    EXPECT_EQ(answers[i]->body, "/" + std::to_string(i));
  }
}

TEST(Client, SaysThatANameIsNotKnown) {
  Server server([](const std::string&) { return ok("yes"); });
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 3; ++i) {
    requests.push_back(
        {.url = server.url("/", "no-such-host.invalid"), .timeout = 300ms, .insecure_http = true});
  }
  for (const Answer& answer : ask_all(std::move(requests))) {
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error(), HasSubstr("no-such-host.invalid"));
  }
}

TEST(Client, WhatIsBeyondTheBoundFailsAtOnce) {
  Server dead([](const std::string&) { return ""; });
  Server alive([](const std::string&) { return ok("yes"); });
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 3; ++i) requests.push_back({.url = dead.url("/"), .timeout = 200ms});
  requests.push_back({.url = alive.url("/")});
  const std::vector<Answer> answers = ask_all(std::move(requests), {.most_in_flight = 2});
  EXPECT_THAT(answers[0].error(), HasSubstr("timed out"));
  EXPECT_THAT(answers[1].error(), HasSubstr("timed out"));
  EXPECT_THAT(answers[2].error(), HasSubstr("2 requests wait for it"));
  EXPECT_TRUE(answers[3]);
}

TEST(Client, StoppingEndsWhatWaits) {
  Server dead([](const std::string&) { return ""; });
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 3; ++i) requests.push_back({.url = dead.url("/"), .timeout = 60s});
  requests.push_back(
      {.url = "http://no-such-host.invalid/", .timeout = 60s, .insecure_http = true});
  const auto answers = ask_all(std::move(requests), {}, [](Client& client) { client.stop(); });
  for (const Answer& answer : answers) EXPECT_FALSE(answer);
  EXPECT_THAT(answers[0].error(), HasSubstr("the gateway stops"));
}

TEST(Client, AnAnswerThatIsTooLongIsNone) {
  Server server([](const std::string& request) {
    if (request.starts_with("GET /fields")) {
      return "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    }
    return ok(std::string(1000, 'x'));
  });
  EXPECT_TRUE(ask({.url = server.url("/"), .most_bytes = 1000}));
  const Answer longer = ask({.url = server.url("/"), .most_bytes = 999});
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error(), HasSubstr("more than 999 bytes"));
  const Answer fields = ask({.url = server.url("/fields")});
  ASSERT_FALSE(fields);
  EXPECT_THAT(fields.error(), HasSubstr("too many header fields"));
}

TEST(Client, OnlyWellFormedHeadersAreAnswers) {
  struct Case {
    std::string answer;
    bool good;
  };
  const std::vector<Case> cases = {
      {"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n", true},
      {"HTTP/1.1 103 Early\r\nA: early\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n",
       true},
      {"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: trailer\r\n\r\n",
       true},
      // A trailer that looks like a status line does not make headers of those behind it.
      {"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\nHTTP/1.1 200 OK: x\r\nA: trailer\r\n\r\n",
       true},
      {"HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nA: b\r\nX-User\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nA: b\r\nX User: a\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nA: b\r\n X-User: a\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nA: b\r\nX-User: a\x01z\r\nContent-Length: 0\r\n\r\n", false},
      {"SSH-2.0-server\r\n", false},
  };
  for (const Case& c : cases) {
    Server server([&c](const std::string&) { return c.answer; });
    const Answer answer = ask({.url = server.url("/"), .timeout = 500ms});
    EXPECT_EQ(answer.has_value(), c.good) << c.answer;
    if (!answer || !c.good) continue;
    EXPECT_EQ(answer->header("A"), "b") << c.answer;
    EXPECT_LE(answer->headers.size(), 2U) << c.answer;
    EXPECT_EQ(answer->status, 200) << c.answer;
  }
}

TEST(Client, NeitherFollowsRedirectsNorSendsWhatIsMalformed) {
  Server server([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
  });
  const Answer answer = ask({.url = server.url("/")});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_FALSE(ask({.method = "GET /x", .url = server.url("/")}));
  for (const ClientField& field :
       {ClientField{.name = "X", .value = "a\r\nY: b"}, ClientField{.name = "X:", .value = "a"},
        ClientField{.name = "", .value = "a"}, ClientField{.name = "X", .value = {"a\0b", 3}}}) {
    ClientRequest request{.url = server.url("/")};
    request.headers = {field};
    const Answer refused = ask(std::move(request));
    ASSERT_FALSE(refused) << field.name;
    EXPECT_THAT(refused.error(), HasSubstr("malformed"));
  }
}

TEST(Client, AsksInTheClearOnlyWhereItMay) {
  for (const char* url :
       {"http://192.0.2.1/", "ftp://127.0.0.1/", "https://a@b/", "https://a/ b"}) {
    const Answer answer = ask({.url = url, .timeout = 100ms});
    ASSERT_FALSE(answer) << url;
    EXPECT_THAT(answer.error(), HasSubstr("it has to be https")) << url;
  }
  Server server([](const std::string&) { return ok(""); });
  const Answer plain = ask({.url = "https" + server.url("/").substr(4), .timeout = 300ms});
  ASSERT_FALSE(plain) << "TLS is asked for";
}

TEST(Client, SaysWhoIsNotThere) {
  const Answer nobody = ask({.url = "http://127.0.0.1:1/secret?token=x"});
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error(), StartsWith("http://127.0.0.1:1: "));
  EXPECT_THAT(nobody.error(), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace sallyport::http
