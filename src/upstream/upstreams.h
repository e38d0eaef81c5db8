// One worker's way to all upstreams: chooses an endpoint, a connection, and sends the exchange.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "async/reactor.h"
#include "async/task.h"
#include "base/random.h"
#include "base/result.h"
#include "policy/exchange.h"
#include "upstream/pool.h"
#include "upstream/upstream.h"

namespace sallyport::upstream {

// What one worker knows of one upstream.
class LocalUpstream {
 public:
  LocalUpstream(async::Reactor& reactor, std::shared_ptr<Upstream> upstream);
  // Joins the pools of endpoints that came and went; true if some did. To be called before
  // choosing.
  bool refresh(std::unordered_map<Endpoint*, std::unique_ptr<Pool>>& pools);
  // The pool to use for this exchange, not `except` if there is another; null: none is usable.
  [[nodiscard]] Pool* choose(const Exchange& x, Random& random, const Pool* except);
  // Whether another failure may eject an endpoint: not too many are out already.
  [[nodiscard]] bool may_eject() const;

  [[nodiscard]] const Settings& settings() const { return upstream_->settings(); }
  // The settings' timeouts as this worker's timer lists.
  struct Times {
    async::TimerList& connect;
    async::TimerList& response;
    async::TimerList& idle;
    async::TimerList& keep_alive;
  };
  [[nodiscard]] const Times& times() const { return times_; }
  [[nodiscard]] const std::shared_ptr<Upstream>& upstream() const { return upstream_; }
  [[nodiscard]] const std::vector<Pool*>& pools() const { return pools_; }

  std::uint32_t calls = 0;  // that refer to this, from the first byte of their body on

 private:
  [[nodiscard]] bool usable(const Pool& pool, bool even_ejected) const;
  [[nodiscard]] std::uint32_t weight(const Pool& pool) const;
  [[nodiscard]] Pool* round_robin(const Pool* except, bool even_ejected);
  [[nodiscard]] Pool* least_request(Random& random, const Pool* except, bool even_ejected);
  [[nodiscard]] Pool* consistent_hash(const Exchange& x, const Pool* except, bool even_ejected);

  async::Reactor& reactor_;
  std::shared_ptr<Upstream> upstream_;
  Times times_;
  std::shared_ptr<const EndpointSet> set_;
  std::vector<Pool*> pools_;  // in the order of set_->endpoints
};

class Upstreams {
 public:
  explicit Upstreams(async::Reactor& reactor) : reactor_(reactor) {}

  // The configuration now in force; upstreams not among these are forgotten once nobody uses them.
  void set(const std::vector<std::shared_ptr<Upstream>>& upstreams);

  // Sends the request to its route's upstream and returns as soon as the response head is there.
  // `x.call` is set and must be finished after the response has been written.
  Task<Result<http::Response>> send(Exchange& x);
  // Waits for what is left of the exchange's way to the upstream.
  Task<Done> finish(Exchange& x);

 private:
  friend class Call;
  [[nodiscard]] LocalUpstream& local(const std::shared_ptr<Upstream>& upstream);
  void forget_unused();

  async::Reactor& reactor_;
  Random random_;
  std::unordered_map<Endpoint*, std::unique_ptr<Pool>> all_pools_;
  std::unordered_map<std::uint32_t, std::unique_ptr<LocalUpstream>> locals_;
  std::vector<std::shared_ptr<Upstream>> current_;
};

}  // namespace sallyport::upstream
