#include "upstream/upstream.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::upstream {
namespace {

constexpr std::uint32_t kPointsPerWeight = 160;  // spreads load within about 5 % on the ring

std::string authority_of(const std::string& host, std::uint16_t port) {
  std::string text = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  return text + ":" + std::to_string(port);
}

std::uint32_t next_id() {
  static std::atomic<std::uint32_t> last{0};
  return last.fetch_add(1);
}

}  // namespace

std::uint64_t ring_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ seed;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  h ^= h >> 32;  // FNV-1a leaves the high bits of short keys too regular for a ring
  h *= 0xd6e8feb86659fd93ULL;
  h ^= h >> 32;
  return h;
}

Endpoint::Endpoint(async::SocketAddress address, std::string host, std::uint16_t port,
                   std::uint32_t weight)
    : address_(address),
      text_(address.text()),
      host_(std::move(host)),
      authority_(authority_of(host_, port)),
      weight_(weight) {}

void Endpoint::succeeded() {
  // Read first: a write would move the cache line between cores on every request.
  if (consecutive_failures_.load(std::memory_order_relaxed) != 0) {
    consecutive_failures_.store(0, std::memory_order_relaxed);
  }
}

void Endpoint::failed(const EjectionSettings& settings, std::uint64_t now, bool may_eject) {
  failures.fetch_add(1, std::memory_order_relaxed);
  std::uint32_t row = consecutive_failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (settings.consecutive_failures == 0 || row < settings.consecutive_failures || !may_eject ||
      ejected(now)) {
    return;
  }
  std::uint32_t times = ejections_.fetch_add(1, std::memory_order_relaxed);
  auto base = static_cast<std::uint64_t>(settings.base.count());
  auto most = static_cast<std::uint64_t>(settings.most.count());
  std::uint64_t length = times < 20 ? std::min(base << times, most) : most;
  ejected_until_.store(now + length, std::memory_order_relaxed);
  in_use_since_.store(now + length, std::memory_order_relaxed);
  consecutive_failures_.store(0, std::memory_order_relaxed);
}

bool Endpoint::probed(bool ok, const HealthSettings& settings, std::uint64_t now) {
  if (ok == healthy()) {
    probes_in_a_row_ = 0;
    return false;
  }
  if (++probes_in_a_row_ < (ok ? settings.healthy_after : settings.unhealthy_after)) return false;
  probes_in_a_row_ = 0;
  healthy_.store(ok, std::memory_order_relaxed);
  if (ok) {
    in_use_since_.store(now, std::memory_order_relaxed);
    ejected_until_.store(0, std::memory_order_relaxed);
    ejections_.store(0, std::memory_order_relaxed);
  }
  return true;
}

Upstream::Upstream(Settings settings, const Upstream* previous)
    : settings_(std::move(settings)), id_(next_id()) {
  addresses_.resize(settings_.endpoints.size());
  for (std::size_t i = 0; i < settings_.endpoints.size(); ++i) {
    const EndpointSettings& endpoint = settings_.endpoints[i];
    async::SocketAddress literal = async::SocketAddress::literal(endpoint.host, endpoint.port);
    if (literal.size != 0) addresses_[i].push_back(literal);
  }
  std::shared_ptr<const EndpointSet> before;
  if (previous != nullptr && previous->settings_.tls_fingerprint == settings_.tls_fingerprint) {
    before = previous->endpoints();
    // Names keep the addresses they had until they are looked up again.
    for (std::size_t i = 0; i < settings_.endpoints.size(); ++i) {
      const EndpointSettings& wanted = settings_.endpoints[i];
      if (!addresses_[i].empty()) continue;
      for (const auto& known : before->endpoints) {
        if (known->authority() == authority_of(wanted.host, wanted.port)) {
          addresses_[i].push_back(known->address());
        }
      }
    }
  }
  std::scoped_lock lock(mutex_);
  rebuild(before.get());
}

void Upstream::update(std::size_t index, const std::vector<async::SocketAddress>& addresses) {
  std::scoped_lock lock(mutex_);
  if (addresses.empty() || addresses_.at(index) == addresses) return;
  addresses_[index] = addresses;
  std::shared_ptr<const EndpointSet> before = set_;
  rebuild(before.get());
}

std::shared_ptr<const EndpointSet> Upstream::endpoints() const {
  std::scoped_lock lock(mutex_);
  return set_;
}

void Upstream::rebuild(const EndpointSet* previous) {
  auto set = std::make_shared<EndpointSet>();
  set->generation = generation_.load(std::memory_order_relaxed) + 1;
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const EndpointSettings& configured = settings_.endpoints[i];
    for (const async::SocketAddress& address : addresses_[i]) {
      std::shared_ptr<Endpoint> endpoint;
      if (previous != nullptr) {
        for (const auto& known : previous->endpoints) {
          if (known->address() == address && known->weight() == configured.weight &&
              known->authority() == authority_of(configured.host, configured.port)) {
            endpoint = known;
          }
        }
      }
      if (endpoint == nullptr) {
        endpoint = std::make_shared<Endpoint>(address, configured.host, configured.port,
                                              configured.weight);
      }
      if (settings_.balance == Balance::consistent_hash) {
        for (std::uint32_t p = 0; p < kPointsPerWeight * configured.weight; ++p) {
          set->ring.push_back({.hash = ring_hash(endpoint->text(), p),
                               .endpoint = static_cast<std::uint32_t>(set->endpoints.size())});
        }
      }
      set->endpoints.push_back(std::move(endpoint));
    }
  }
  std::ranges::sort(set->ring, {}, &EndpointSet::Point::hash);
  set_ = std::move(set);
  generation_.store(set_->generation, std::memory_order_release);
}

}  // namespace sallyport::upstream
