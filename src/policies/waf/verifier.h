// Checks a share of live verdicts: each rule is evaluated once more as written, without folding and
// without the scanner, on a thread of its own. The plan only ever leaves out what cannot match;
// should that be wrong for some request, this is where it is noticed.
//
// A worker copies the request and goes on. What is waiting is bounded; beyond that samples are
// dropped and counted. Persistent collections are not touched.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "async/background.h"
#include "base/report.h"
#include "policy/inspection_checks.h"
#include "seclang/engine/replay.h"

namespace sallyport::policies::waf_detail {

// Whether an exchange belongs to the share of those that are checked. Decided by the request's id,
// which is the gateway's own and random: no client chooses, but by the size of its request.
class Share {
 public:
  explicit Share(double fraction)
      : below_(static_cast<std::uint64_t>(fraction * static_cast<double>(kAll))) {}
  [[nodiscard]] bool contains(std::string_view request_id) const;

 private:
  static constexpr std::uint64_t kAll = std::uint64_t{1} << 32;
  std::uint64_t below_;
};

// One live verdict with all that is needed to reach it again.
struct Judged {
  std::shared_ptr<const void> owner;  // of the plan
  const seclang::Plan* plan = nullptr;
  seclang::Recording request;
  seclang::Outcome outcome;
};

struct Checked {
  InspectionCheck result = InspectionCheck::agreed;
  std::string message;  // for the log; empty when they agreed
};
// Evaluates it again, here and now.
[[nodiscard]] Checked check(const Judged& judged);

class Verifier {
 public:
  // One for the process: what it may cost does not grow with the number of routes.
  [[nodiscard]] static Verifier& of_process();
  explicit Verifier(InspectionChecks& checks);
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  // Any thread, without waiting for the evaluation. `transaction` is over; it and `plan`, which
  // lives as long as `owner`, belong together.
  void take(std::shared_ptr<const void> owner, const seclang::Plan& plan,
            seclang::Transaction& transaction);

  static constexpr std::size_t kMostWaiting = 32;
  static constexpr std::size_t kMostBytes = 256 * 1024;  // of one exchange

 private:
  void evaluate(const Judged& judged);

  InspectionChecks& checks_;
  std::atomic<std::size_t> waiting_{0};
  BoundedReport disagreements_, others_;  // the thread's
  async::Background thread_{1};           // last: ends before what it uses
};

}  // namespace sallyport::policies::waf_detail
