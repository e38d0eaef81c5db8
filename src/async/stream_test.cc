#include "async/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/input.h"
#include "async/task.h"
#include "async/test_certificates.h"
#include "async/tls_context.h"
#include "base/result.h"

namespace sallyport::async {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::make_certificate;
using testing::TestCertificate;
using testing::TestFolder;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// No two stretches of it are the same.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint64_t state = 88172645463325252U;
  for (char& c : text) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state);
  }
  return text;
}

// A connection, both of whose ends are in this thread's reactor.
struct Connection {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;

  explicit Connection(Reactor& reactor, int buffer = 0) {
    int fds[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    for (int fd : fds) {
      if (buffer > 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    }
    client = std::make_unique<Stream>(reactor, fds[0], true);
    server = std::make_unique<Stream>(reactor, fds[1], true);
  }
};

Task<IoResult> shake_hands(Stream& stream) {
  IoResult result = co_await stream.handshake();
  co_return result;
}

Task<IoResult> send_all(Stream& stream, const std::string& text, bool last = false) {
  IoResult result = co_await stream.send(bytes_of(text), last);
  co_return result;
}

// Appends what comes until `want` bytes are there (then 1), the end (0) or an error.
Task<IoResult> receive(Stream& stream, std::size_t want, std::string& text) {
  std::vector<std::byte> part(40'000);
  while (text.size() < want) {
    std::size_t most = std::min(part.size(), want - text.size());
    IoResult got = co_await stream.recv(std::span(part).first(most));
    if (got.value <= 0) co_return got;
    text.append(reinterpret_cast<const char*>(part.data()), got.size());
  }
  co_return IoResult{1};
}

// What a test is: a coroutine over this, run once plain and once over TLS.
struct World {
  bool secured = false;
  Reactor reactor;
  std::shared_ptr<TlsServerContext> server_context;
  std::shared_ptr<TlsClientContext> client_context;

  explicit World(bool tls) : secured(tls) {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
    server_context = TlsServerContext::create({.development = true}, std::make_shared<TicketKeys>(),
                                              errors, warnings);
    client_context = TlsClientContext::create({.verify = false}, errors);
    EXPECT_TRUE(errors.empty());
  }

  void run(Detached (*test)(World&)) {
    struct Watchdog : Timer {
      explicit Watchdog(Reactor& reactor) : Timer(&Watchdog::fire), reactor(reactor) {}
      static void fire(Timer& timer) {
        ADD_FAILURE() << "something waits for ever";
        static_cast<Watchdog&>(timer).reactor.stop();
      }
      Reactor& reactor;
    } watchdog(reactor);
    watchdog.arm(reactor.timeout(20s));
    test(*this);
    reactor.run();
  }

  // Handshakes where the test is over TLS.
  Task<Done> secure(Connection& connection) {
    if (!secured) co_return Done{};
    EXPECT_TRUE(connection.client->start_tls(client_context->get(), "localhost"));
    EXPECT_TRUE(connection.server->start_tls(server_context->get(), ""));
    Task<IoResult> near = shake_hands(*connection.client);
    Task<IoResult> far = shake_hands(*connection.server);
    IoResult client = co_await near;
    IoResult server = co_await far;
    EXPECT_EQ(client.value, 1) << connection.client->tls()->failure();
    EXPECT_EQ(server.value, 1) << connection.server->tls()->failure();
    co_return Done{};
  }
};

class StreamTest : public ::testing::TestWithParam<bool> {
 protected:
  World world_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Over, StreamTest, ::testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "tls" : "plain"; });

class TlsStreamTest : public ::testing::Test {
 protected:
  World world_{true};
};

Detached echo(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    for (std::size_t size : {1UL, 100UL, 16'384UL, 16'385UL, 100'000UL}) {
      const std::string text = pattern(size);
      std::string there;
      std::string back;
      Task<IoResult> sending = send_all(*connection.client, text);
      co_await receive(*connection.server, size, there);
      co_await sending;
      Task<IoResult> answering = send_all(*connection.server, there);
      co_await receive(*connection.client, size, back);
      co_await answering;
      EXPECT_TRUE(back == text) << size;
    }
  }
  world.reactor.stop();
}
TEST_P(StreamTest, echoes) { world_.run(&echo); }

Detached large_both_ways(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    const std::string up = pattern(3'000'000);
    const std::string down = pattern(5'000'000);
    std::string got_up;
    std::string got_down;
    Task<IoResult> sending_up = send_all(*connection.client, up);
    Task<IoResult> sending_down = send_all(*connection.server, down);
    EXPECT_FALSE(sending_up.ready()) << "nobody reads yet: it must wait";
    EXPECT_FALSE(sending_down.ready());
    Task<IoResult> receiving_up = receive(*connection.server, up.size(), got_up);
    Task<IoResult> receiving_down = receive(*connection.client, down.size(), got_down);
    IoResult result = co_await sending_up;
    EXPECT_TRUE(result.ok());
    result = co_await sending_down;
    EXPECT_TRUE(result.ok());
    co_await receiving_up;
    co_await receiving_down;
    EXPECT_TRUE(got_up == up);
    EXPECT_TRUE(got_down == down);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, carries_much_both_ways_at_once_through_small_buffers) {
  world_.run(&large_both_ways);
}

Detached gathers(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    const std::string all = pattern(150'000);
    auto piece = [&all](std::size_t from, std::size_t size) {
      return iovec{.iov_base = const_cast<char*>(all.data()) + from, .iov_len = size};
    };
    std::array<iovec, 4> pieces = {piece(0, 300), piece(300, 0), piece(300, 99'700),
                                   piece(100'000, 50'000)};
    std::string got;
    Task<IoResult> receiving = receive(*connection.client, all.size(), got);
    IoResult sent = co_await connection.server->send(pieces);
    EXPECT_TRUE(sent.ok());
    co_await receiving;
    EXPECT_TRUE(got == all);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, sends_several_pieces_in_order) { world_.run(&gathers); }

Detached orderly_end(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    co_await send_all(*connection.server, "the last", true);
    connection.server.reset();
    std::string got;
    IoResult end = co_await receive(*connection.client, 1000, got);
    EXPECT_EQ(end.value, 0);
    EXPECT_EQ(got, "the last");
    end = co_await receive(*connection.client, 1000, got);
    EXPECT_EQ(end.value, 0) << "and so it stays";
  }
  world.reactor.stop();
}
TEST_P(StreamTest, ends_after_the_last_send) { world_.run(&orderly_end); }

Detached cut(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    co_await send_all(*connection.server, "cut he");
    connection.server.reset();
    std::string got;
    IoResult end = co_await receive(*connection.client, 1000, got);
    EXPECT_EQ(got, "cut he");
    EXPECT_EQ(end.value, world.secured ? -ECONNRESET : 0);
    if (world.secured) {
      EXPECT_NE(connection.client->tls()->failure(), "");
    }
  }
  world.reactor.stop();
}
TEST_P(StreamTest, tells_an_end_from_a_cut_where_it_can) { world_.run(&cut); }

Detached sends_to_nobody(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    const std::string text = pattern(1'000'000);
    Task<IoResult> sending = send_all(*connection.client, text);
    EXPECT_FALSE(sending.ready());
    connection.server.reset();
    IoResult sent = co_await sending;
    EXPECT_FALSE(sent.ok());
    sent = co_await send_all(*connection.client, text);
    EXPECT_FALSE(sent.ok());
  }
  world.reactor.stop();
}
TEST_P(StreamTest, send_fails_when_the_peer_goes) { world_.run(&sends_to_nobody); }

Detached killed(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    const std::string text = pattern(1'000'000);
    std::string got;
    Task<IoResult> sending = send_all(*connection.client, text);
    Task<IoResult> receiving = receive(*connection.client, 1, got);
    EXPECT_FALSE(sending.ready());
    EXPECT_FALSE(receiving.ready());
    connection.client->kill(ECANCELED);
    IoResult result = co_await sending;
    EXPECT_EQ(result.value, -ECANCELED);
    result = co_await receiving;
    EXPECT_EQ(result.value, -ECANCELED);
    result = co_await send_all(*connection.client, "later");
    EXPECT_EQ(result.value, -ECANCELED);
    result = co_await receive(*connection.client, 1, got);
    EXPECT_EQ(result.value, -ECANCELED);
    result = co_await connection.client->readable();
    EXPECT_EQ(result.value, -ECANCELED);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, kill_ends_what_waits_and_what_follows) { world_.run(&killed); }

Detached times_out(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    connection.client->socket().arm(30ms);
    std::string got;
    IoResult result = co_await receive(*connection.client, 1, got);
    EXPECT_EQ(result.value, -ETIMEDOUT);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, timer_of_the_socket_ends_a_wait) { world_.run(&times_out); }

Detached waits_until_readable(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    std::string got;
    // A ticket may have come with the handshake; TLS cannot tell it from data without reading.
    IoResult ready = co_await connection.server->readable_within(20ms);
    EXPECT_EQ(ready.value, -ETIMEDOUT);
    co_await send_all(*connection.client, "ab");
    ready = co_await connection.server->readable_within(5s);
    EXPECT_EQ(ready.value, 1);
    co_await receive(*connection.server, 1, got);
    if (world.secured) {  // the other half lies decrypted in the session
      ready = co_await connection.server->readable();
      EXPECT_EQ(ready.value, 1);
    }
    Task<IoResult> rest = receive(*connection.server, 2, got);
    co_await send_all(*connection.client, "!");
    co_await rest;
    EXPECT_EQ(got, "ab");
  }
  world.reactor.stop();
}
TEST_P(StreamTest, waits_until_there_is_something_to_read) { world_.run(&waits_until_readable); }

struct Reader final : ScratchHolder {
  void evict() override {}
  [[nodiscard]] std::span<const std::byte> held() const override { return {}; }
};

Detached sends_from_scratch(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    Reader reader;
    Reader other;
    const std::string text = pattern(Scratch::kSize);
    std::span<std::byte> scratch = Scratch::here().acquire(&reader);
    std::memcpy(scratch.data(), text.data(), text.size());
    auto send = [](Stream& stream, std::span<const std::byte> bytes) -> Task<IoResult> {
      IoResult sent = co_await stream.send(bytes);
      co_return sent;
    };
    Task<IoResult> sending = send(*connection.client, scratch);
    EXPECT_FALSE(sending.ready());
    std::ranges::fill(Scratch::here().acquire(&other), std::byte{0});
    std::string got;
    co_await receive(*connection.server, text.size(), got);
    co_await sending;
    EXPECT_TRUE(got == text);
    Scratch::here().release(&other);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, send_that_waits_moves_out_of_the_scratch) { world_.run(&sends_from_scratch); }

Detached relays(World& world) {
  {
    // client -> (here -> there): what is read from one connection goes out on another, slower one,
    // while somebody else needs the scratch.
    Connection in(world.reactor);
    Connection out(world.reactor, 4096);
    co_await world.secure(in);
    co_await world.secure(out);
    const std::string text = pattern(400'000);
    Task<IoResult> sending = send_all(*in.client, text);
    std::string got;
    Task<IoResult> receiving = receive(*out.server, text.size(), got);
    Input input(*in.server);
    std::size_t relayed = 0;
    while (relayed < text.size()) {
      IoResult filled = co_await input.fill();
      EXPECT_GT(filled.value, 0);
      if (filled.value <= 0) break;
      IoResult sent = co_await out.client->send(input.unread());
      EXPECT_TRUE(sent.ok());
      relayed += input.unread().size();
      input.consume(input.unread().size());
      std::ranges::fill(Scratch::here().acquire(nullptr), std::byte{0});
    }
    co_await sending;
    co_await receiving;
    EXPECT_TRUE(got == text);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, relays_what_it_reads) { world_.run(&relays); }

Detached updates_keys(World& world) {
  {
    Connection updating(world.reactor);
    Connection bystander(world.reactor);
    co_await world.secure(updating);
    co_await world.secure(bystander);
    for (int round = 0; round < 3; ++round) {
      // The answer to a key update is written while reading: it must go to the right peer.
      EXPECT_EQ(SSL_key_update(updating.client->tls()->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
      std::string got;
      co_await send_all(*updating.client, "question");
      co_await receive(*updating.server, 8, got);
      EXPECT_EQ(got, "question");
      got.clear();
      co_await send_all(*bystander.server, "unrelated");
      IoResult result = co_await receive(*bystander.client, 9, got);
      EXPECT_EQ(result.value, 1) << bystander.client->tls()->failure();
      EXPECT_EQ(got, "unrelated");
      got.clear();
      co_await send_all(*updating.server, "answer");
      result = co_await receive(*updating.client, 6, got);
      EXPECT_EQ(result.value, 1) << updating.client->tls()->failure();
      EXPECT_EQ(got, "answer");
    }
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, answers_a_key_update_on_its_own_connection) { world_.run(&updates_keys); }

Detached floods_with_key_updates(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    std::string got;
    IoResult result{1};
    int rounds = 0;
    while (result.value == 1 && rounds < 20'000) {
      ++rounds;
      SSL_key_update(connection.client->tls()->ssl(), SSL_KEY_UPDATE_REQUESTED);
      co_await send_all(*connection.client, "x");
      result = co_await receive(*connection.server, got.size() + 1, got);
    }
    EXPECT_EQ(result.value, -ECONNRESET);
    EXPECT_LT(rounds, 5000);
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, does_not_pile_up_answers_nobody_reads) {
  world_.run(&floods_with_key_updates);
}

Detached slow_reader(World& world) {
  {
    Connection connection(world.reactor, 4096);
    co_await world.secure(connection);
    const std::string text = pattern(100'000);
    connection.server->socket().arm(100ms);
    Task<IoResult> sending = send_all(*connection.server, text);
    std::string got;
    while (!sending.ready()) {  // takes longer in all than the timeout, but never pauses so long
      Sleep sleep(world.reactor, 20ms);
      co_await sleep;
      co_await receive(*connection.client, got.size() + 4096, got);
    }
    IoResult sent = co_await sending;
    EXPECT_EQ(sent.value, 1);
    connection.server->socket().disarm();
    co_await receive(*connection.client, text.size(), got);
    EXPECT_TRUE(got == text);
  }
  world.reactor.stop();
}
TEST_P(StreamTest, progress_of_a_send_starts_its_timeout_over) { world_.run(&slow_reader); }

Detached forgets_keys(World& world) {
  {
    Connection connection(world.reactor);
    co_await world.secure(connection);
    for (Stream* end : {connection.client.get(), connection.server.get()}) {
      EVP_PKEY* key = nullptr;
      EXPECT_EQ(SSL_get_tmp_key(end->tls()->ssl(), static_cast<void*>(&key)), 1);
      std::array<unsigned char, 64> raw{};
      std::size_t size = raw.size();
      EXPECT_NE(EVP_PKEY_get_raw_private_key(key, raw.data(), &size), 1);
      EVP_PKEY_free(key);
    }
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, keeps_no_ephemeral_key_after_the_handshake) { world_.run(&forgets_keys); }

Detached meets_garbage(World& world) {
  {
    Connection connection(world.reactor);
    EXPECT_TRUE(connection.server->start_tls(world.server_context->get(), ""));
    Task<IoResult> shaking = shake_hands(*connection.server);
    co_await send_all(*connection.client, "GET / HTTP/1.1\r\n\r\n");
    IoResult result = co_await shaking;
    EXPECT_EQ(result.value, -EPROTO);
    EXPECT_THAT(connection.server->tls()->failure(), HasSubstr("http request"));
  }
  {
    Connection connection(world.reactor);
    EXPECT_TRUE(connection.server->start_tls(world.server_context->get(), ""));
    Task<IoResult> shaking = shake_hands(*connection.server);
    connection.client.reset();
    IoResult result = co_await shaking;
    EXPECT_FALSE(result.ok());
    EXPECT_NE(connection.server->tls()->failure(), "");
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, handshake_fails_on_garbage_and_silence) { world_.run(&meets_garbage); }

Detached verifies(World& world) {
  TestFolder folder;
  BioHandle pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), SSL_CTX_get0_certificate(world.server_context->get()));
  std::vector<std::string> errors;
  auto trusting = TlsClientContext::create(
      {.ca = folder.put("ca.pem", TestCertificate::text(pem.get()))}, errors);
  TestCertificate stranger = make_certificate({.common_name = "localhost", .authority = true});
  auto other =
      TlsClientContext::create({.ca = folder.put("other.pem", stranger.certificate_pem())}, errors);
  EXPECT_TRUE(errors.empty());
  struct Case {
    TlsClientContext* context;
    std::string name;
    std::string failure;
  };
  const std::vector<Case> cases = {
      {trusting.get(), "localhost", ""},
      {trusting.get(), "127.0.0.1", ""},
      {trusting.get(), "::1", ""},
      {trusting.get(), "example.com", "hostname mismatch"},
      {trusting.get(), "127.0.0.2", "IP address mismatch"},
      {other.get(), "localhost", "self-signed certificate"},
  };
  for (const Case& each : cases) {
    Connection connection(world.reactor);
    EXPECT_TRUE(connection.client->start_tls(each.context->get(), each.name));
    EXPECT_TRUE(connection.server->start_tls(world.server_context->get(), ""));
    Task<IoResult> far = shake_hands(*connection.server);
    IoResult result = co_await shake_hands(*connection.client);
    EXPECT_EQ(result.ok(), each.failure.empty()) << each.name;
    EXPECT_THAT(connection.client->tls()->failure(), HasSubstr(each.failure));
    if (!result.ok()) {
      EXPECT_THAT(connection.client->tls()->failure(), HasSubstr("certificate verification"));
      connection.client.reset();
    }
    result = co_await far;
    EXPECT_EQ(result.ok(), each.failure.empty()) << each.name;
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, client_verifies_issuer_name_and_address) { world_.run(&verifies); }

Detached knows_its_peer(World& world) {
  {
    TestFolder folder;
    TestCertificate authority = make_certificate({.common_name = "CA", .authority = true});
    TestCertificate partner = make_certificate({.common_name = "partner", .issuer = &authority});
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
    TlsServerOptions asking{.client_certificate = ClientCertificate::require,
                            .client_ca = folder.put("ca.pem", authority.certificate_pem()),
                            .development = true};
    world.server_context =
        TlsServerContext::create(asking, std::make_shared<TicketKeys>(), errors, warnings);
    TlsClientOptions presenting{
        .verify = false,
        .certificate = {.certificate = folder.put("own.pem", partner.certificate_pem()),
                        .key = folder.put("own.key", partner.key_pem())}};
    world.client_context = TlsClientContext::create(presenting, errors);
    EXPECT_TRUE(errors.empty());
    Connection connection(world.reactor);
    co_await world.secure(connection);
    EXPECT_EQ(connection.server->tls()->peer().subject, "CN=partner");
    EXPECT_EQ(connection.server->tls()->peer().fingerprint.size(), 64U);
    std::string got;
    co_await send_all(*connection.client, "hello");
    co_await receive(*connection.server, 5, got);
    EXPECT_EQ(got, "hello");
  }
  world.reactor.stop();
}
TEST_F(TlsStreamTest, knows_the_certificate_of_its_peer) { world_.run(&knows_its_peer); }

}  // namespace
}  // namespace sallyport::async
