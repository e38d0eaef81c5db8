// The life of a connection and of a request, on one worker. Read gateway.cc from the top: that is
// what this program does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/reactor.h"
#include "async/task.h"
#include "base/random.h"
#include "base/report.h"
#include "config/snapshot.h"
#include "gateway/connection_limits.h"
#include "http/client.h"
#include "http/connection.h"
#include "policy/exchange.h"
#include "telemetry/recorder.h"
#include "upstream/upstreams.h"

namespace sallyport::gateway {

// What is known about a connection before its first request.
struct ConnectionFacts {
  net::Address peer;   // after the PROXY protocol, if the listener speaks it
  net::Address local;  // our own end
  std::uint16_t peer_port = 0;
  std::uint16_t listener_port = 0;
  std::uint16_t redirect_port = 0;
  bool peer_trusted = false;
};

// One configuration as one worker uses it.
struct LiveConfig {
  std::shared_ptr<const config::Snapshot> snapshot;
  std::shared_ptr<const http::ServerSettings> settings;
};

class Gateway final : public http::SettingsSource {
 public:
  Gateway(async::Reactor& reactor, telemetry::Recorder& recorder, ConnectionLimits& limits);

  // The configuration for requests that begin from now on.
  void install(std::shared_ptr<const config::Snapshot> snapshot);
  // A connection accepted on `port` of a listener (by its position) of the configuration in force.
  // Owns `fd`.
  async::Detached run(int fd, sockaddr_storage peer, std::size_t listener, std::uint16_t port);
  // No new requests on idle connections; connections end after their answer.
  void drain();
  // Ends every connection now, and every wait for another service, for good.
  void kill_all();

  [[nodiscard]] std::uint32_t connections() const { return open_; }
  [[nodiscard]] const std::shared_ptr<const LiveConfig>& live() const { return live_; }
  [[nodiscard]] upstream::Upstreams& upstreams() { return upstreams_; }

  void refresh(std::shared_ptr<const http::ServerSettings>& mine) override {
    if (mine != live_->settings) mine = live_->settings;
  }
  [[nodiscard]] bool draining() const override { return draining_; }

 private:
  struct Open;  // a connection in the list of open ones
  Task<Done> serve(http::Connection& connection, const ConnectionFacts& facts);
  Task<Done> answer(http::Stream& stream, http::Connection& connection,
                    const ConnectionFacts& facts);
  Task<Result<Done>> admit_and_forward(http::Stream& stream, Exchange& x);
  static Task<Done> render_instead(Exchange& x, const Stop& why, const Pipeline& policies);
  static Task<Result<Done>> write(http::Stream& stream, Exchange& x);
  void begin(Exchange& x, http::Connection& connection, const ConnectionFacts& facts);
  void identify_client(Exchange& x);
  void record(Exchange& x, const http::Stream& stream, const Result<Done>& sent);

  Task<bool> prepare(http::Connection& connection, ConnectionFacts& facts, bool proxy_protocol,
                     std::shared_ptr<async::TlsServerContext> tls);
  Task<bool> read_proxy_header(http::Connection& connection, ConnectionFacts& facts);
  void refuse_proxied(http::Connection& connection, const ConnectionFacts& facts,
                      const std::string& why);
  void refuse(int fd, bool plain);

  async::Reactor& reactor_;
  telemetry::Recorder& recorder_;
  ConnectionLimits& limits_;
  upstream::Upstreams upstreams_;
  http::Client services_;
  Random random_;
  BoundedReport proxy_faults_;
  std::shared_ptr<const LiveConfig> live_;
  Open* first_ = nullptr;
  std::uint32_t open_ = 0;
  bool draining_ = false;
};

}  // namespace sallyport::gateway
