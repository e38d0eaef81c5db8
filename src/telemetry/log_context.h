// What log line, metrics and trail need to know about a finished exchange beyond the exchange
// itself, worked out once for all three.
//
// Makes no system call per request: the wall time is counted from an anchor that a timer renews.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "policy/exchange.h"
#include "telemetry/masking.h"
#include "telemetry/route_notes.h"

namespace sallyport::telemetry {

// The wall clock of one worker, derived from Ticks. `anchor` is to be called about once a second,
// so that steps of the system clock are followed. Not thread-safe.
class WallClock {
 public:
  WallClock() { anchor(); }
  void anchor() {
    ticks_ = Ticks::now();
    wall_ = wall_milliseconds();
  }
  // Milliseconds since the Unix epoch at a reading of Ticks.
  [[nodiscard]] std::int64_t milliseconds(std::uint64_t ticks) const {
    return wall_ + static_cast<std::int64_t>(Ticks::nanoseconds(ticks_, ticks) / 1'000'000);
  }

 private:
  std::uint64_t ticks_ = 0;
  std::int64_t wall_ = 0;
};

struct LogContext {
  std::int64_t ended = 0;         // wall time, milliseconds since the Unix epoch
  std::uint64_t total_ns = 0;     // head of the request to end of the response
  std::uint64_t policies_ns = 0;  // in policies, both ways
  std::uint64_t upstream_ns = 0;  // connect or reuse to end of its response; 0: not asked
  std::uint64_t revision = 0;     // of the configuration that decided
  std::string_view query;         // with masked secrets; in the request or the exchange's arena
  const MaskedNames* masked = nullptr;
  RouteNotes* notes = nullptr;
};

// The context of an exchange that ended at `now`, a reading of Ticks.
[[nodiscard]] inline LogContext finish(const Exchange& x, std::uint64_t now, const WallClock& clock,
                                       const MaskedNames& masked, RouteBook& book,
                                       std::uint64_t revision) {
  const Timings& t = x.timings;
  std::uint64_t upstream_end = t.upstream_end != 0 ? t.upstream_end : now;
  return {
      .ended = clock.milliseconds(now),
      .total_ns = t.started != 0 ? Ticks::nanoseconds(t.started, now) : 0,
      .policies_ns = Ticks::nanoseconds(0, t.policies),
      .upstream_ns = t.upstream_begin != 0 ? Ticks::nanoseconds(t.upstream_begin, upstream_end) : 0,
      .revision = revision,
      .query = masked.mask(x.request.query, x.arena),
      .masked = &masked,
      .notes = &book.find(x.route, revision),
  };
}

}  // namespace sallyport::telemetry
