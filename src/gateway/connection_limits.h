// How many connections are open, in all and by client address, over all workers. Costs one
// uncontended lock per connection, never one per request.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "http/address.h"

namespace sallyport::gateway {

class ConnectionLimits {
 public:
  enum class Admission : std::uint8_t { admitted, too_many, too_many_of_client };

  // 0: no bound. Any thread; connections already open stay.
  void set(std::uint32_t total, std::uint32_t per_client);
  // `counted`: false for proxies that speak for many clients. Admitted connections must `leave`
  // with the same arguments.
  [[nodiscard]] Admission enter(const net::Address& client, bool counted);
  void leave(const net::Address& client, bool counted);
  [[nodiscard]] std::uint32_t open() const { return open_.load(std::memory_order_relaxed); }

 private:
  struct Hash {
    std::size_t operator()(const net::Address& address) const;
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<net::Address, std::uint32_t, Hash> clients;
  };
  [[nodiscard]] Shard& shard(const net::Address& client) {
    return shards_.at(Hash{}(client) % shards_.size());
  }

  std::atomic<std::uint32_t> open_{0};
  std::atomic<std::uint32_t> total_{0};
  std::atomic<std::uint32_t> per_client_{0};
  std::array<Shard, 64> shards_;
};

}  // namespace sallyport::gateway
