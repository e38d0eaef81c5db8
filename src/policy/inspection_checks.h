// How often what an inspecting policy found was checked by a second, slower evaluation, and what
// came of it. Written by the policy, read by metrics and the admin listener.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace sallyport {

// How one check ended.
enum class InspectionCheck : std::uint8_t {
  agreed,
  disagreed,     // the faster evaluation is wrong, and can be shown to be
  unrepeatable,  // the verdicts differ, but not when both evaluations are done again
  dropped,       // not done: too many were waiting, or the exchange was too large
};
inline constexpr std::array<std::string_view, 4> kInspectionChecks = {"agreed", "disagreed",
                                                                      "unrepeatable", "dropped"};

// Any thread.
class InspectionChecks {
 public:
  // One for the process, as counters must not go back when a configuration does.
  [[nodiscard]] static InspectionChecks& of_process() {
    static InspectionChecks checks;
    return checks;
  }

  void count(InspectionCheck result, std::string_view request_id = {}) {
    std::scoped_lock lock(mutex_);
    ++counts_.at(static_cast<std::size_t>(result));
    if (result == InspectionCheck::disagreed) last_disagreed_ = request_id;
  }
  [[nodiscard]] std::uint64_t count_of(InspectionCheck result) const {
    std::scoped_lock lock(mutex_);
    return counts_.at(static_cast<std::size_t>(result));
  }
  // The request of the last disagreement; empty: there was none.
  [[nodiscard]] std::string last_disagreed() const {
    std::scoped_lock lock(mutex_);
    return last_disagreed_;
  }

 private:
  mutable std::mutex mutex_;  // taken for sampled requests only
  std::array<std::uint64_t, kInspectionChecks.size()> counts_{};
  std::string last_disagreed_;
};

}  // namespace sallyport
