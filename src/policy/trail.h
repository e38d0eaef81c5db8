// The decision trail: which policy looked, what it decided, how long it took.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"

namespace sallyport {

enum class Phase : std::uint8_t { request, request_body, response, response_body };
enum class Outcome : std::uint8_t {
  passed,
  stopped,
  monitored,  // would have stopped, but the policy runs in monitor mode
};

struct TrailEntry {
  const Reason* reason = nullptr;  // null when passed
  std::string_view detail;         // in the exchange's arena
  std::uint32_t nanoseconds = 0;
  std::uint16_t policy = 0;  // position in the route's pipeline
  Phase phase = Phase::request;
  Outcome outcome = Outcome::passed;
};

// A duration as an entry holds it: 4.29 seconds and above are one.
[[nodiscard]] inline std::uint32_t trail_nanoseconds(std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(Ticks::nanoseconds(begin, end), kMost));
}

// Entries in the order they happened; grows in the exchange's arena past the first few.
class Trail {
 public:
  explicit Trail(Arena& arena) : arena_(&arena) {}
  void add(const TrailEntry& entry) {
    if (count_ == capacity_) grow();
    entries_[count_++] = entry;
  }
  [[nodiscard]] std::span<const TrailEntry> entries() const { return {entries_, count_}; }

 private:
  void grow() {
    std::uint32_t capacity = capacity_ == 0 ? 12 : capacity_ * 2;
    auto* bigger = arena_->array<TrailEntry>(capacity);
    for (std::uint32_t i = 0; i < count_; ++i) bigger[i] = entries_[i];
    entries_ = bigger;
    capacity_ = capacity;
  }

  Arena* arena_;
  TrailEntry* entries_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace sallyport
