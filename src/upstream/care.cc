#include "upstream/care.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "async/resolver.h"
#include "base/report.h"
#include "upstream/pool.h"

namespace sallyport::upstream {
namespace {

using namespace std::chrono_literals;

constexpr auto kResolveTime = 3s;
// Bounds for how long an answer is believed, whatever its time to live.
constexpr auto kShortestTtl = 1s;
constexpr auto kLongestTtl = 300s;
constexpr auto kRetryTime = 5s;  // after a failed lookup

bool is_name(const EndpointSettings& endpoint) {
  return async::SocketAddress::literal(endpoint.host, endpoint.port).size == 0;
}

std::string probe_request(const HealthSettings& health, const Endpoint& endpoint) {
  const std::string& host = health.host.empty() ? endpoint.authority() : health.host;
  return "GET " + health.path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: sallyport-health\r\nConnection: close\r\n\r\n";
}

// "HTTP/1.1 204 ..." with a status from 200 to 399.
bool is_good_status_line(std::string_view head) {
  if (head.size() < 12 || !head.starts_with("HTTP/1.") || head[8] != ' ') return false;
  unsigned status = 0;
  auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return error == std::errc{} && end == head.data() + 12 && status >= 200 && status < 400;
}

}  // namespace

struct Care::Ward {
  explicit Ward(std::shared_ptr<Upstream> its) : upstream(std::move(its)) {}
  std::shared_ptr<Upstream> upstream;
  bool over = false;
  std::vector<async::Sleep*> sleeping;  // woken when it is over
};

Care::Care(async::Reactor& reactor, async::Background& background)
    : reactor_(reactor), background_(background) {}

Care::~Care() = default;

std::vector<std::string> Care::resolve_now(
    const std::vector<std::shared_ptr<Upstream>>& upstreams) {
  std::vector<std::string> warnings;
  for (const auto& upstream : upstreams) {
    const Settings& settings = upstream->settings();
    for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
      const EndpointSettings& endpoint = settings.endpoints[i];
      if (!is_name(endpoint)) continue;
      async::Resolution found = async::resolve(endpoint.host, endpoint.port, kResolveTime);
      upstream->update(i, found.addresses);
      if (found.addresses.empty()) {
        warnings.push_back("upstreams." + settings.name + ": " + endpoint.host +
                           " has no address yet: " + found.error + "; it is looked up again");
      }
    }
  }
  return warnings;
}

void Care::set(const std::vector<std::shared_ptr<Upstream>>& upstreams) {
  for (const auto& ward : wards_) {
    ward->over = true;
    for (async::Sleep* sleep : ward->sleeping) sleep->cancel();
  }
  wards_.clear();
  for (const auto& upstream : upstreams) {
    auto ward = std::make_shared<Ward>(upstream);
    wards_.push_back(ward);
    const Settings& settings = upstream->settings();
    for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
      if (is_name(settings.endpoints[i])) refresh_name(ward, i);
    }
    if (settings.health) probe_all(ward);
  }
}

async::Detached Care::refresh_name(std::shared_ptr<Ward> ward, std::size_t endpoint) {
  auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(kShortestTtl);
  while (!ward->over) {
    async::Sleep pause(reactor_, wait);
    ward->sleeping.push_back(&pause);
    co_await pause;
    std::erase(ward->sleeping, &pause);
    if (ward->over) break;

    // The lookup runs elsewhere; its answer wakes this coroutine through the reactor.
    struct Lookup {
      Care& care;
      const EndpointSettings& endpoint;
      async::Resolution found;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiter) {
        care.background_.run([this, waiter] {
          found = async::resolve(endpoint.host, endpoint.port, kResolveTime);
          care.reactor_.post([waiter] { waiter.resume(); });
        });
      }
      void await_resume() const noexcept {}
    };
    Lookup lookup{
        .care = *this, .endpoint = ward->upstream->settings().endpoints.at(endpoint), .found = {}};
    co_await lookup;
    if (lookup.found.addresses.empty()) {
      wait = kRetryTime;
      continue;
    }
    ward->upstream->update(endpoint, lookup.found.addresses);
    wait = std::clamp<std::chrono::seconds>(lookup.found.ttl, kShortestTtl, kLongestTtl);
  }
}

// One round of probes after the other; endpoints that come later are probed as well.
async::Detached Care::probe_all(std::shared_ptr<Ward> ward) {
  while (!ward->over) {
    std::shared_ptr<const EndpointSet> set = ward->upstream->endpoints();
    for (const auto& endpoint : set->endpoints) probe(ward, endpoint);
    async::Sleep pause(reactor_, ward->upstream->settings().health->every);
    ward->sleeping.push_back(&pause);
    co_await pause;
    std::erase(ward->sleeping, &pause);
  }
}

async::Detached Care::probe(std::shared_ptr<Ward> ward, std::shared_ptr<Endpoint> endpoint) {
  const Settings& settings = ward->upstream->settings();
  const HealthSettings& health = *settings.health;
  Pool pool(reactor_, endpoint);
  int error = 0;
  std::unique_ptr<Connection> connection = pool.open(error);
  bool good = connection != nullptr;
  if (good) {
    async::Stream& io = connection->io();
    io.socket().arm(health.timeout);  // for the probe as a whole
    async::IoResult result = co_await async::WaitConnected(io.socket());
    good = result.ok();
    if (good && settings.tls != nullptr) {
      const std::string& name =
          settings.tls_server_name.empty() ? endpoint->host() : settings.tls_server_name;
      good = io.start_tls(settings.tls->get(), name);
      if (good) {
        result = co_await io.handshake();
        good = result.ok();
      }
    }
    if (good) {
      std::string request = probe_request(health, *endpoint);
      result = co_await io.send(std::as_bytes(std::span(request)));
      good = result.ok();
    }
    std::string head;
    while (good && head.size() < 12) {
      std::array<std::byte, 512> bytes{};
      result = co_await io.recv(bytes);
      good = result.value > 0;
      if (good) head.append(reinterpret_cast<const char*>(bytes.data()), result.size());
    }
    good = good && is_good_status_line(head);
    connection.reset();
  }
  if (ward->over) co_return;
  if (endpoint->probed(good, health, reactor_.now())) {
    report(good ? Severity::info : Severity::warning,
           "upstreams." + settings.name + ": " + endpoint->text() +
               (good ? " is healthy again" : " is unhealthy and gets no requests"));
  }
}

}  // namespace sallyport::upstream
