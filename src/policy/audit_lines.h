// How many lines of audit logs could not be kept: what an auditor must know is missing. Written by
// policies, read by metrics.
#pragma once

#include <atomic>
#include <cstdint>

namespace sallyport {

// Any thread.
class AuditLines {
 public:
  // One for the process, as counters must not go back when a configuration does.
  [[nodiscard]] static AuditLines& of_process() {
    static AuditLines lines;
    return lines;
  }
  void count_lost(std::uint64_t lines) { lost_.fetch_add(lines, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace sallyport
