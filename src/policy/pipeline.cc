// The loop that runs policies. As long as every hook answers at once no coroutine is made; the
// first one that waits continues the rest of its phase behind the wait.
#include "policy/pipeline.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "base/clock.h"
#include "policy/exchange.h"
#include "policy/reasons.h"
#include "policy/whole_body.h"

namespace sallyport {
namespace {

using Look = BodyWish::Look;

constexpr bool is_response(Phase phase) {
  return phase == Phase::response || phase == Phase::response_body;
}
constexpr bool is_body(Phase phase) {
  return phase == Phase::request_body || phase == Phase::response_body;
}

template <Phase phase>
std::span<const std::byte> body_of(const Exchange& x) {
  return is_response(phase) ? x.response_body : x.request_body;
}
template <Phase phase>
bool body_complete(const Exchange& x) {
  return is_response(phase) ? x.response_body_complete : x.request_body_complete;
}

const Reason& too_large(Phase phase) {
  return is_response(phase) ? reasons::kResponseTooLarge : reasons::kBodyTooLarge;
}

// Only inside a catch block: what escaped, as a refusal.
Verdict escaped() {
  try {
    throw;
  } catch (const std::exception& e) {
    return stop(reasons::kPolicyInternal, e.what());
  } catch (...) {
    return stop(reasons::kPolicyInternal, "an exception of unknown type");
  }
}

// The verdict of a task that is ready; a coroutine may have ended in an exception.
Verdict verdict_of(Task<Verdict>& asked) {
  try {
    return asked.await_resume();
  } catch (...) {
    return escaped();
  }
}

// Times and trails a verdict. False: it ends the exchange.
bool settle(Exchange& x, AskedPolicy asked, Phase phase, const Verdict& verdict,
            std::uint64_t& since) {
  std::uint64_t now = Ticks::now();
  TrailEntry entry{
      .nanoseconds = trail_nanoseconds(since, now), .policy = asked.index, .phase = phase};
  x.timings.policies += now - since;
  since = now;
  if (!verdict) {
    bool counts = !asked.monitor && !(is_response(phase) && x.reason != nullptr);
    entry.reason = verdict.error().reason;
    entry.detail = x.arena.copy(verdict.error().detail);
    entry.outcome = counts ? Outcome::stopped : Outcome::monitored;
  }
  x.trail.add(entry);
  return entry.outcome != Outcome::stopped;
}

}  // namespace

Pipeline::Pipeline(std::vector<PlacedPolicy> policies) {
  policies_.reserve(policies.size());
  for (int stage = 0; stage <= static_cast<int>(Stage::transform); ++stage) {
    for (PlacedPolicy& placed : policies) {
      if (static_cast<int>(placed.stage) == stage) policies_.push_back(std::move(placed));
    }
  }
  auto plan = [this](Phase phase, bool wanted, const PlacedPolicy& placed, std::size_t index) {
    if (!wanted) return;
    steps_[static_cast<std::size_t>(phase)].push_back({.policy = placed.policy.get(),
                                                       .index = static_cast<std::uint16_t>(index),
                                                       .monitor = placed.monitor});
  };
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    const PlacedPolicy& placed = policies_[i];
    plan(Phase::request, placed.on_request, placed, i);
    plan(Phase::request_body, placed.on_request_body, placed, i);
    plan(Phase::response, placed.on_response, placed, i);
    plan(Phase::response_body, placed.on_response_body, placed, i);
    // In monitor mode it would answer nothing, and the request would go where no route sent it.
    if (!placed.monitor && placed.policy->answers_preflight()) answers_preflight_ = true;
  }
  std::ranges::reverse(steps_[static_cast<std::size_t>(Phase::response)]);
  std::ranges::reverse(steps_[static_cast<std::size_t>(Phase::response_body)]);
}

// The smallest limit among policies that may refuse what is longer; without any, as much as one of
// them can use.
template <Phase phase>
Pipeline::BodyWindow Pipeline::body_window(const Exchange& x) const {
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  std::size_t largest = 0;
  BodyWindow window;
  bool enforced = false;
  for (const Step& step : steps(phase)) {
    BodyWish wish = step.policy->body_wish(x, phase);
    if (wish.look == Look::none) continue;
    window.looked_at = true;
    largest = std::max(largest, wish.bytes);
    if (wish.look == Look::beginning) window.beginning = true;
    if (wish.look == Look::beginning || step.monitor) continue;
    smallest = std::min(smallest, wish.bytes);
    enforced = true;
  }
  window.bytes = enforced ? smallest : largest;
  return window;
}

template <Phase phase>
Task<Verdict> Pipeline::ask(const Step& step, Exchange& x) {
  x.asked = {.index = step.index, .monitor = step.monitor};
  try {
    if constexpr (phase == Phase::request) return step.policy->on_request(x);
    if constexpr (phase == Phase::response) return step.policy->on_response(x);
    if constexpr (is_body(phase)) {
      // A monitored policy does not lower the limit for the others; it skips what it cannot hold.
      BodyWish wish = step.policy->body_wish(x, phase);
      if (wish.look == Look::whole && body_of<phase>(x).size() > wish.bytes) {
        return stop(too_large(phase));
      }
    }
    if constexpr (phase == Phase::request_body) return step.policy->on_request_body(x);
    if constexpr (phase == Phase::response_body) return step.policy->on_response_body(x);
  } catch (...) {
    return escaped();
  }
}

template <Phase phase>
Task<Verdict> Pipeline::run(Exchange& x, std::size_t from, std::uint64_t since) const {
  const std::vector<Step>& steps = this->steps(phase);
  for (std::size_t i = from; i < steps.size(); ++i) {
    if constexpr (is_body(phase)) {
      Look look = steps[i].policy->body_wish(x, phase).look;
      // That the body is too long for it has been said already.
      if (look == Look::none || (look == Look::whole && !body_complete<phase>(x))) continue;
    }
    Task<Verdict> asked = ask<phase>(steps[i], x);
    if (!asked.ready()) return run_waiting<phase>(x, i, since, std::move(asked));
    Verdict verdict = verdict_of(asked);
    if (!settle(x, x.asked, phase, verdict, since)) return verdict;
  }
  return pass();
}

template <Phase phase>
Task<Verdict> Pipeline::run_waiting(Exchange& x, std::size_t from, std::uint64_t since,
                                    Task<Verdict> asked) const {
  Verdict verdict = pass();
  try {
    verdict = co_await asked;
  } catch (...) {
    verdict = escaped();
  }
  if (!settle(x, x.asked, phase, verdict, since)) co_return verdict;
  Task<Verdict> rest = run<phase>(x, from + 1, since);
  Verdict last = co_await rest;
  co_return last;
}

// The body is larger than what was collected of it: the verdict of every policy that this is too
// much for.
template <Phase phase>
Verdict Pipeline::body_too_large(Exchange& x, std::size_t collected) const {
  std::uint64_t since = Ticks::now();
  for (const Step& step : steps(phase)) {
    BodyWish wish = step.policy->body_wish(x, phase);
    if (wish.look != Look::whole || wish.bytes > collected) continue;
    Verdict verdict = stop(too_large(phase), "more than " + std::to_string(collected) + " bytes");
    AskedPolicy asked{.index = step.index, .monitor = step.monitor};
    if (!settle(x, asked, phase, verdict, since)) return verdict;
  }
  return pass();
}

template <Phase head, Phase body>
Task<Verdict> Pipeline::run_with_body(Exchange& x) const {
  Task<Verdict> heads = run<head>(x, 0, Ticks::now());
  Verdict seen = co_await heads;
  if (!seen) co_return seen;

  constexpr bool kResponse = is_response(body);
  http::Body*& stream = kResponse ? x.response.body : x.request.body;
  std::optional<std::uint64_t>& length =
      kResponse ? x.response.content_length : x.request.content_length;

  BodyWindow window = stream != nullptr ? body_window<body>(x) : BodyWindow{};
  if (window.looked_at) {
    http::Body& source = *stream;
    Task<Result<CollectedBody>> collecting =
        collect_body(x.arena, source, length, window.bytes, window.beginning);
    Result<CollectedBody> collected = co_await collecting;
    if (!collected) co_return stop(collected);

    stream = new (x.arena.allocate(sizeof(ReplayedBody))) ReplayedBody(*collected, source);
    if (!collected->fits) {
      Verdict refused = body_too_large<body>(x, window.bytes);
      if (!refused || !window.beginning) co_return refused;
      (kResponse ? x.response_body_complete : x.request_body_complete) = false;
    } else if (source.trailers() == nullptr) {  // they need a body whose length is not announced
      length = collected->bytes.size();
    }
    (kResponse ? x.response_body : x.request_body) = collected->bytes;
  }

  Task<Verdict> bodies = run<body>(x, 0, Ticks::now());
  Verdict judged = co_await bodies;
  co_return judged;
}

Task<Verdict> Pipeline::on_request(Exchange& x) const {
  if (!wants_request_body()) return run<Phase::request>(x, 0, Ticks::now());
  return run_with_body<Phase::request, Phase::request_body>(x);
}

Task<Verdict> Pipeline::on_response(Exchange& x) const {
  if (steps(Phase::response_body).empty() || x.reason != nullptr) {
    return run<Phase::response>(x, 0, Ticks::now());
  }
  return run_with_body<Phase::response, Phase::response_body>(x);
}

}  // namespace sallyport
