// Waiting on a reactor for the audit trail: `co_await in_trail(trail, event)`.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

#include "async/reactor.h"
#include "async/task.h"
#include "store/audit/audit_trail.h"

namespace sallyport::store {

// Goes on here once the event is on the disk, with the number of its line, or cannot be. A reactor
// that ends before that never goes on.
inline Task<Outcome<std::uint64_t>> in_trail(AuditTrail& trail, AuditEvent event) {
  using Result = Outcome<std::uint64_t>;
  struct Wait {
    AuditTrail& trail;
    AuditEvent event;
    std::shared_ptr<std::optional<Result>> result;  // of both threads: either may be gone first

    static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      trail.append(std::move(event),
                   [result = result, waiter,
                    lifeline = async::Reactor::current()->lifeline()](Result written) {
                     result->emplace(std::move(written));
                     lifeline->post([waiter] { waiter.resume(); });
                   });
    }
    Result await_resume() { return std::move(**result); }
  };
  Wait wait{.trail = trail,
            .event = std::move(event),
            .result = std::make_shared<std::optional<Result>>()};
  co_return co_await wait;
}

}  // namespace sallyport::store
