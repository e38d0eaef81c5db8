// Waiting on a reactor for what has to block: `co_await in_background(threads, work)`.
#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

#include "async/background.h"
#include "async/reactor.h"
#include "async/task.h"

namespace sallyport::async {

// Runs `work` on one of `threads`, and goes on with its result on this thread's reactor, which must
// outlast the work: what waits is not destroyed meanwhile. `work` must not throw.
template <typename T>
Task<T> in_background(Background& threads, std::move_only_function<T()> work) {
  struct Wait {
    Background& threads;
    std::move_only_function<T()> work;
    std::optional<T> result;

    static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      threads.run([this, waiter, reactor = Reactor::current()] {
        result.emplace(work());
        reactor->post([waiter] { waiter.resume(); });
      });
    }
    T await_resume() { return std::move(*result); }
  };
  Wait wait{.threads = threads, .work = std::move(work), .result = {}};
  co_return co_await wait;
}

}  // namespace sallyport::async
