// Everything a worker writes down about its exchanges, behind one call per exchange.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "policy/exchange.h"
#include "telemetry/access_log.h"
#include "telemetry/log_context.h"
#include "telemetry/masking.h"
#include "telemetry/metrics.h"
#include "telemetry/trail_ring.h"

namespace sallyport::telemetry {

// One per worker, used on its thread only. What it is given must outlive it.
class Recorder {
 public:
  Recorder(LogSink* sink, WorkerMetrics& metrics, std::uint32_t trail_records)
      : log_(sink), metrics_(metrics), book_(metrics), trails_(trail_records) {}

  // The exchange is over: log line, counters, trail. `revision`: of its configuration. No
  // allocation, lock or system call in general: see each of the three.
  void record(const Exchange& x, std::uint64_t revision) {
    LogContext context = finish(x, Ticks::now(), clock_, *masked_, book_, revision);
    log_.record(x, context);
    metrics_.record(x, context);
    trails_.record(x, context);
  }

  // About once a second, and at the end.
  void flush() {
    clock_.anchor();
    log_.flush();
  }

  // After a reload.
  void set_masked(std::shared_ptr<const MaskedNames> masked) { masked_ = std::move(masked); }

  [[nodiscard]] ConnectionCounters& connections() { return metrics_.connections; }
  [[nodiscard]] const TrailRing& trails() const { return trails_; }

 private:
  WallClock clock_;
  std::shared_ptr<const MaskedNames> masked_ = std::make_shared<const MaskedNames>();
  AccessLog log_;
  WorkerMetrics& metrics_;
  RouteBook book_;
  TrailRing trails_;
};

}  // namespace sallyport::telemetry
