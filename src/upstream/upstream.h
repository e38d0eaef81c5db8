// One upstream: its endpoints and what is known of their health. Shared by all workers and by the
// thread that probes and resolves.
//
// An upstream is made from settings that do not change; the set of endpoints does (DNS). Endpoints
// of the same address are carried over from the upstream it replaces, so that a reload forgets
// neither health nor connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "async/resolver.h"
#include "upstream/settings.h"

namespace sallyport::upstream {

// One address requests can be sent to. All functions are for any thread.
class Endpoint {
 public:
  Endpoint(async::SocketAddress address, std::string host, std::uint16_t port,
           std::uint32_t weight);

  [[nodiscard]] const async::SocketAddress& address() const { return address_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  // As configured; the default for Host and for the certificate's name.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& authority() const { return authority_; }
  [[nodiscard]] std::uint32_t weight() const { return weight_; }

  [[nodiscard]] bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool ejected(std::uint64_t now) const {
    return ejected_until_.load(std::memory_order_relaxed) > now;
  }
  // Milliseconds of the monotonic clock since which it has been in use; for slow start.
  [[nodiscard]] std::uint64_t in_use_since() const {
    return in_use_since_.load(std::memory_order_relaxed);
  }

  // A request's outcome, for passive ejection. `may_eject`: enough others are left.
  void succeeded();
  void failed(const EjectionSettings& settings, std::uint64_t now, bool may_eject);
  // A probe's outcome. True when the state changed.
  bool probed(bool ok, const HealthSettings& settings, std::uint64_t now);

  // For the metrics page. Changed when something fails or a connection opens or closes, never by
  // every request: the line would travel between cores.
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::int64_t> connections{0};

 private:
  const async::SocketAddress address_;
  const std::string text_;
  const std::string host_;
  const std::string authority_;
  const std::uint32_t weight_;
  std::atomic<bool> healthy_{true};
  std::atomic<std::uint32_t> consecutive_failures_{0};
  std::atomic<std::uint32_t> ejections_{0};
  std::atomic<std::uint64_t> ejected_until_{0};
  std::atomic<std::uint64_t> in_use_since_{0};
  std::uint32_t probes_in_a_row_ = 0;  // of the kind that would change the state; prober only
};

// Where a text stands on the ring of consistent hashing: keys as they are, the points of an
// endpoint with a seed each.
[[nodiscard]] std::uint64_t ring_hash(std::string_view text, std::uint64_t seed = 0);

// The endpoints at one moment, immutable.
struct EndpointSet {
  std::uint64_t generation = 0;
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  // Consistent hashing: points on a ring, sorted. Empty unless balanced that way.
  struct Point {
    std::uint64_t hash;
    std::uint32_t endpoint;
  };
  std::vector<Point> ring;
};

class Upstream {
 public:
  // `previous` may be null. Literal addresses are there at once; names come by `update`.
  Upstream(Settings settings, const Upstream* previous);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  // Small number, unique among all upstreams of the process.
  [[nodiscard]] std::uint32_t id() const { return id_; }

  // The addresses of the i-th configured endpoint. Empty keeps what there was: a name server that
  // is away takes nothing down.
  void update(std::size_t index, const std::vector<async::SocketAddress>& addresses);

  [[nodiscard]] std::uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::shared_ptr<const EndpointSet> endpoints() const;

 private:
  void rebuild(const EndpointSet* previous);

  const Settings settings_;
  const std::uint32_t id_;
  std::atomic<std::uint64_t> generation_{0};
  mutable std::mutex mutex_;
  std::vector<std::vector<async::SocketAddress>> addresses_;
  std::shared_ptr<const EndpointSet> set_;
};

}  // namespace sallyport::upstream
