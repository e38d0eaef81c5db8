// Asks other HTTP services while a request waits for the answer: authorizers, introspection,
// token endpoints. Never blocks: libcurl's sockets and timers belong to the reactor, names are
// looked up elsewhere. Connections are kept and used again.
//
// For what belongs to the gateway rather than to a request, and may wait on a thread of its own,
// there is http::fetch.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/reactor.h"
#include "async/task.h"

namespace sallyport::http {

// Whom to trust, and what to show, in place of the system's authorities and of nothing. Contents of
// PEM files. Whoever sends keeps it until the answer is there.
struct ClientTls {
  std::string authorities;  // empty: those of the system
  std::string certificate;  // with its chain; empty: none
  std::string key;          // of `certificate`
};

struct ClientField {
  std::string name;
  std::string value;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<ClientField> headers;
  std::string body;
  std::chrono::milliseconds timeout{5000};        // in all
  std::size_t most_bytes = std::size_t{1} << 20;  // of the answer's body
  bool insecure_http = false;                     // see may_be_fetched()
  const ClientTls* tls = nullptr;
};

struct ClientResponse {
  int status = 0;
  std::vector<ClientField> headers;  // in the order they came, without trailers
  std::string body;

  // Value of the first field of that name in any letter case, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct ClientLimits {
  // Requests under way to one scheme, host and port; what is beyond fails at once.
  std::size_t most_in_flight = 512;
};

// One for each reactor, used on its thread, made and destroyed before and after that runs or on
// that thread. It must outlive everything that awaits it.
class Client {
 public:
  explicit Client(async::Reactor& reactor, ClientLimits limits = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // The answer, whatever its status; redirects are answers. Servers with TLS have to prove who they
  // are. The error is a sentence for operators that names the server, and nothing of the request.
  [[nodiscard]] Task<std::expected<ClientResponse, std::string>> send(ClientRequest request);

  // Ends everything under way with an error; from now on nothing is sent.
  void stop();

  [[nodiscard]] std::size_t in_flight() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace sallyport::http
