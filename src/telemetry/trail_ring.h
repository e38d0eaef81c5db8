// The last finished exchanges of one worker with their decision trails, for "why was this refused".
//
// Bounded and in memory only. A record is copied into a fixed slot, texts cut where they are too
// long; names of routes and policies are those of the RouteBook, which outlive the configuration
// that decided. Everything runs on the worker's own thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "policy/exchange.h"
#include "telemetry/log_context.h"

namespace sallyport::telemetry {

class TrailRing {
 public:
  static constexpr std::size_t kSlotSize = 1024;

  class Record;

  // The RouteBook of the contexts it is given must outlive it. `records` * kSlotSize bytes of
  // address space; memory is used as slots are. 0: keeps nothing.
  explicit TrailRing(std::uint32_t records);
  TrailRing(TrailRing&&) noexcept;
  TrailRing& operator=(TrailRing&&) noexcept;
  ~TrailRing();

  // No allocation; replaces the oldest record when full.
  void record(const Exchange& x, const LogContext& context);

  // The newest record with that id, or null. Valid until the next `record`.
  [[nodiscard]] const Record* find(std::string_view request_id) const;
  // `age` 0 is the newest; null beyond the last one.
  [[nodiscard]] const Record* newest(std::uint32_t age) const;
  [[nodiscard]] std::uint32_t size() const { return used_; }

  // One object: the exchange, and under "trail" each policy's verdict in order.
  [[nodiscard]] static std::string to_json(const Record& record, int indent = 0);

 private:
  std::unique_ptr<Record[]> records_;
  std::uint32_t capacity_;
  std::uint32_t used_ = 0;
  std::uint32_t next_ = 0;
};

}  // namespace sallyport::telemetry
