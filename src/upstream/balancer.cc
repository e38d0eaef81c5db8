// Choosing an endpoint.
#include <algorithm>
#include <string_view>

#include "upstream/upstreams.h"

namespace sallyport::upstream {
namespace {

constexpr std::uint32_t kWeightScale = 100;  // so that a slow start has steps

// The value of a cookie by name (RFC 6265 4.2.1); empty if it is not there.
std::string_view cookie(const http::Headers& headers, std::string_view name) {
  for (const http::Field& field : headers) {
    if (field.removed || field.id != http::HeaderId::cookie) continue;
    std::string_view rest = field.value();
    while (!rest.empty()) {
      std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return {};
}

}  // namespace

LocalUpstream::LocalUpstream(async::Reactor& reactor, std::shared_ptr<Upstream> upstream)
    : reactor_(reactor),
      upstream_(std::move(upstream)),
      times_{.connect = reactor.timeout(settings().connect_timeout),
             .response = reactor.timeout(settings().response_timeout),
             .idle = reactor.timeout(settings().idle_timeout),
             .keep_alive = reactor.timeout(settings().keep_alive)} {}

bool LocalUpstream::refresh(std::unordered_map<Endpoint*, std::unique_ptr<Pool>>& pools) {
  if (set_ != nullptr && set_->generation == upstream_->generation()) return false;
  set_ = upstream_->endpoints();
  pools_.clear();
  for (const std::shared_ptr<Endpoint>& endpoint : set_->endpoints) {
    std::unique_ptr<Pool>& pool = pools[endpoint.get()];
    if (pool == nullptr) pool = std::make_unique<Pool>(reactor_, endpoint);
    pools_.push_back(pool.get());
  }
  return true;
}

bool LocalUpstream::usable(const Pool& pool, bool even_ejected) const {
  const Endpoint& endpoint = pool.endpoint();
  return endpoint.healthy() && (even_ejected || !endpoint.ejected(reactor_.now()));
}

bool LocalUpstream::may_eject() const {
  std::size_t out = 1;  // the one in question
  for (const Pool* pool : pools_) {
    if (pool->endpoint().ejected(reactor_.now())) ++out;
  }
  return pools_.size() > 1 && out * 100 <= pools_.size() * settings().ejection.most_percent;
}

// Scaled weight; less while an endpoint warms up.
std::uint32_t LocalUpstream::weight(const Pool& pool) const {
  const Endpoint& endpoint = pool.endpoint();
  std::uint32_t full = endpoint.weight() * kWeightScale;
  auto slow = static_cast<std::uint64_t>(settings().slow_start.count());
  std::uint64_t since = endpoint.in_use_since();
  if (slow == 0 || since == 0) return full;
  std::uint64_t age = reactor_.now() > since ? reactor_.now() - since : 0;
  if (age >= slow) return full;
  return std::max<std::uint32_t>(static_cast<std::uint32_t>(full * age / slow), full / 10);
}

Pool* LocalUpstream::choose(const Exchange& x, Random& random, const Pool* except) {
  if (pools_.empty()) return nullptr;
  if (pools_.size() == 1) return pools_.front()->endpoint().healthy() ? pools_.front() : nullptr;
  // When every endpoint that is up has been ejected, the ejection is probably wrong: use them all.
  for (bool even_ejected : {false, true}) {
    Pool* chosen = nullptr;
    switch (settings().balance) {
      case Balance::round_robin:
        chosen = round_robin(except, even_ejected);
        break;
      case Balance::least_request:
        chosen = least_request(random, except, even_ejected);
        break;
      case Balance::consistent_hash:
        chosen = consistent_hash(x, except, even_ejected);
        break;
    }
    if (chosen != nullptr) return chosen;
  }
  return nullptr;
}

// Smooth weighted round robin: the heaviest debt goes first, so that heavy endpoints are spread
// among the light ones.
Pool* LocalUpstream::round_robin(const Pool* except, bool even_ejected) {
  Pool* best = nullptr;
  std::int64_t total = 0;
  for (Pool* pool : pools_) {
    if (pool == except || !usable(*pool, even_ejected)) continue;
    std::uint32_t own = weight(*pool);
    pool->current_weight += own;
    total += own;
    if (best == nullptr || pool->current_weight > best->current_weight) best = pool;
  }
  if (best != nullptr) best->current_weight -= total;
  return best;
}

// The better of two at random (Mitzenmacher): nearly as good as the best of all, without herding.
Pool* LocalUpstream::least_request(Random& random, const Pool* except, bool even_ejected) {
  std::uint64_t total = 0;
  for (const Pool* pool : pools_) {
    if (pool != except && usable(*pool, even_ejected)) total += weight(*pool);
  }
  if (total == 0) return nullptr;
  auto draw = [&](const Pool* other) -> Pool* {
    std::uint64_t sum = total - (other != nullptr ? weight(*other) : 0);
    if (sum == 0) return nullptr;
    std::uint64_t point = random.next() % sum;
    for (Pool* pool : pools_) {
      if (pool == except || pool == other || !usable(*pool, even_ejected)) continue;
      std::uint64_t own = weight(*pool);
      if (point < own) return pool;
      point -= own;
    }
    return nullptr;
  };
  Pool* first = draw(nullptr);
  Pool* second = first != nullptr ? draw(first) : nullptr;
  if (second == nullptr) return first;
  auto load = [&](const Pool* pool) {
    return static_cast<double>(pool->active + 1) / static_cast<double>(weight(*pool));
  };
  return load(second) < load(first) ? second : first;
}

Pool* LocalUpstream::consistent_hash(const Exchange& x, const Pool* except, bool even_ejected) {
  std::string_view key = x.client.text;
  if (settings().hash_source == HashSource::header) {
    if (const http::Field* field = x.request.headers.find(settings().hash_name)) {
      key = field->value();
    }
  } else if (settings().hash_source == HashSource::cookie) {
    std::string_view found = cookie(x.request.headers, settings().hash_name);
    if (!found.empty()) key = found;
  }
  const auto& ring = set_->ring;
  if (ring.empty()) return nullptr;
  auto at = std::ranges::lower_bound(ring, ring_hash(key), {}, &EndpointSet::Point::hash);
  for (std::size_t i = 0; i < ring.size(); ++i, ++at) {
    if (at == ring.end()) at = ring.begin();
    Pool* pool = pools_[at->endpoint];
    if (pool != except && usable(*pool, even_ejected)) return pool;
  }
  return nullptr;
}

}  // namespace sallyport::upstream
