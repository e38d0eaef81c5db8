// How often candidate rules, which decide beside the real ones, came to another result. Written by
// the policy, read by metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport {

enum class ShadowDecision : std::uint8_t {
  same,
  would_allow,   // what the real rules refuse
  would_refuse,  // what the real rules let through
};
inline constexpr std::array<std::string_view, 3> kShadowDecisions = {"same", "would_allow",
                                                                     "would_refuse"};

// Any thread.
class ShadowDecisions {
 public:
  // One for the process, as counters must not go back when a configuration does.
  [[nodiscard]] static ShadowDecisions& of_process() {
    static ShadowDecisions decisions;
    return decisions;
  }

  void count(ShadowDecision result) {
    counts_.at(static_cast<std::size_t>(result)).fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t count_of(ShadowDecision result) const {
    return counts_.at(static_cast<std::size_t>(result)).load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kShadowDecisions.size()> counts_{};
};

}  // namespace sallyport
