#include "gateway/connection_limits.h"

#include <cstring>

namespace sallyport::gateway {

std::size_t ConnectionLimits::Hash::operator()(const net::Address& address) const {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, address.bytes.data(), 8);
  std::memcpy(&low, address.bytes.data() + 8, 8);
  std::uint64_t h = (high ^ 0x9e3779b97f4a7c15ULL) * 0xd6e8feb86659fd93ULL;
  h = (h ^ (h >> 32) ^ low) * 0xd6e8feb86659fd93ULL;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

void ConnectionLimits::set(std::uint32_t total, std::uint32_t per_client) {
  total_ = total;
  per_client_ = per_client;
}

ConnectionLimits::Admission ConnectionLimits::enter(const net::Address& client, bool counted) {
  std::uint32_t total = total_.load(std::memory_order_relaxed);
  if (open_.fetch_add(1, std::memory_order_relaxed) >= total && total != 0) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Admission::too_many;
  }
  std::uint32_t most = per_client_.load(std::memory_order_relaxed);
  if (!counted) return Admission::admitted;
  Shard& mine = shard(client);
  std::scoped_lock lock(mine.mutex);
  std::uint32_t& open = mine.clients[client];
  if (most != 0 && open >= most) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Admission::too_many_of_client;
  }
  ++open;
  return Admission::admitted;
}

void ConnectionLimits::leave(const net::Address& client, bool counted) {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (!counted) return;
  Shard& mine = shard(client);
  std::scoped_lock lock(mine.mutex);
  auto found = mine.clients.find(client);
  if (found != mine.clients.end() && --found->second == 0) mine.clients.erase(found);
}

}  // namespace sallyport::gateway
