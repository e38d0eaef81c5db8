// The policies of one route, in order, and the one loop that runs them: it counts, times, trails
// and honours monitor mode for all of them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "policy/policy.h"
#include "policy/trail.h"

namespace sallyport {

// One policy in its place in a pipeline.
struct PlacedPolicy {
  std::string name;  // of its type: "ip_allow"
  Stage stage = Stage::admission;
  std::shared_ptr<const Policy> policy;
  bool monitor = false;  // verdicts are recorded, not enforced
  std::string origin;    // where it was configured: "api.yaml:12", or "default"
  bool on_request = false;
  bool on_request_body = false;
  bool on_response = false;
  bool on_response_body = false;
};

// Immutable after construction, shared by all threads.
class Pipeline {
 public:
  Pipeline() = default;
  // Sorts by stage, keeping the given order within a stage.
  explicit Pipeline(std::vector<PlacedPolicy> policies);

  // Head, then the whole body if a policy asked for it. Stops at the first refusal. An exception
  // that escapes a hook is `policy.internal` (fail closed).
  Task<Verdict> on_request(Exchange& x) const;
  // In reverse order. Once `x.reason` is set the response is the gateway's own: then every policy
  // sees its head, none sees its body, and no verdict counts, so that headers reach refusals too.
  // When it stops, render that refusal, set `x.reason`, and call it once more.
  Task<Verdict> on_response(Exchange& x) const;

  [[nodiscard]] const std::vector<PlacedPolicy>& policies() const { return policies_; }
  [[nodiscard]] bool answers_preflight() const { return answers_preflight_; }
  [[nodiscard]] bool wants_request_body() const { return !steps(Phase::request_body).empty(); }

 private:
  struct Step {
    const Policy* policy;
    std::uint16_t index;
    bool monitor;
  };
  // What the policies of a phase together want of one body.
  struct BodyWindow {
    std::size_t bytes = 0;   // how much is collected at most
    bool looked_at = false;  // false: by nobody, it streams through
    bool beginning = false;  // somebody takes the beginning of a longer one
  };

  [[nodiscard]] const std::vector<Step>& steps(Phase phase) const {
    return steps_[static_cast<std::size_t>(phase)];
  }
  template <Phase phase>
  [[nodiscard]] BodyWindow body_window(const Exchange& x) const;

  template <Phase phase>
  static Task<Verdict> ask(const Step& step, Exchange& x);
  // Asks every step of a phase from `from` on; the clock was last read at `since`.
  template <Phase phase>
  Task<Verdict> run(Exchange& x, std::size_t from, std::uint64_t since) const;
  template <Phase phase>
  Task<Verdict> run_waiting(Exchange& x, std::size_t from, std::uint64_t since,
                            Task<Verdict> asked) const;
  template <Phase head, Phase body>
  Task<Verdict> run_with_body(Exchange& x) const;
  template <Phase phase>
  Verdict body_too_large(Exchange& x, std::size_t collected) const;

  std::vector<PlacedPolicy> policies_;
  std::array<std::vector<Step>, 4> steps_;
  bool answers_preflight_ = false;
};

}  // namespace sallyport
