// How an exchange ends early: a Stop carries a documented Reason and a detail for operators.
//
// Nothing here formats or logs. Details go to the log and the decision trail, never to the client.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

// Whose fault an early end is. Decides the log level, never the status.
enum class Blame : std::uint8_t { client, upstream, operations, gateway };

// A documented way for an exchange to end early. Always a constant with static storage: a Stop
// keeps a pointer to it. `code` is stable and unique ("folder_or_policy.what").
struct Reason {
  std::string_view code;
  std::uint16_t status;
  std::string_view title;
  Blame blame = Blame::client;
  bool retryable = false;
};

// The value of a step that has nothing to return but success.
struct Done {};

// Why an exchange stopped. `detail` is for operators and may quote the request.
struct Stop {
  const Reason* reason;
  std::string detail;
};

// A value or a Stop. Never ignored.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Stop> {
 public:
  using std::expected<T, Stop>::expected;
};

// What a policy answers: go on, or stop with a reason.
using Verdict = Result<Done>;

[[nodiscard]] inline Verdict pass() { return Done{}; }

[[nodiscard]] inline std::unexpected<Stop> stop(const Reason& reason, std::string detail = {}) {
  return std::unexpected<Stop>(Stop{.reason = &reason, .detail = std::move(detail)});
}
std::unexpected<Stop> stop(const Reason&& reason, std::string detail = {}) = delete;

// Hands on the Stop of a failed result of another type.
template <typename T>
[[nodiscard]] std::unexpected<Stop> stop(Result<T>& failed) {
  return std::unexpected<Stop>(std::move(failed.error()));
}

}  // namespace sallyport
