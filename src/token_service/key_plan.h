// When signing keys come and go. A key is published before it signs, so that whoever keeps a copy
// of the published keys knows it by then; and after it has signed for the last time, until what it
// signed has expired.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::token_service {

// Times are Unix milliseconds.
struct KeyFacts {
  std::string_view kid;
  std::string_view algorithm;
  std::int64_t active_from = 0;
  std::optional<std::int64_t> retired;
};

struct KeySchedule {
  std::string_view algorithm;             // that new keys are for
  std::chrono::milliseconds rotation{0};  // how long a key signs
  std::chrono::milliseconds lifetime{0};  // the longest of a token
};

struct KeyPlan {
  std::optional<std::int64_t> make;  // a key that signs from then on
  std::vector<std::string> retire;
  std::vector<std::string> remove;
  std::string signer;  // the key that signs now; empty: there is none
  [[nodiscard]] bool changes() const { return make || !retire.empty() || !remove.empty(); }
};

// How long a key is published after it has signed for the last time: until its tokens have expired
// by any clock.
[[nodiscard]] std::chrono::milliseconds time_kept(std::chrono::milliseconds lifetime);

// Deterministic, so that nodes that see the same keys come to the same plan.
[[nodiscard]] KeyPlan plan_keys(std::span<const KeyFacts> keys, const KeySchedule& schedule,
                                std::int64_t now);

}  // namespace sallyport::token_service
