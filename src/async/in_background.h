// Waiting on a reactor for what has to block: `co_await in_background(threads, work)`.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "async/background.h"
#include "async/reactor.h"
#include "async/task.h"

namespace sallyport::async {

// Runs `work` on one of `threads`, and goes on with its result on this thread's reactor. A reactor
// that ends before the work does never goes on. `work` must not throw.
template <typename T>
Task<T> in_background(Background& threads, std::move_only_function<T()> work) {
  struct Job {
    std::move_only_function<T()> work;
    std::optional<T> result;
  };
  struct Wait {
    Background& threads;
    std::shared_ptr<Job> job;  // of both threads, as either may be gone first

    static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      threads.run([job = job, waiter, lifeline = Reactor::current()->lifeline()] {
        job->result.emplace(job->work());
        lifeline->post([waiter] { waiter.resume(); });
      });
    }
    T await_resume() { return std::move(*job->result); }
  };
  auto job = std::make_shared<Job>(Job{.work = std::move(work), .result = {}});
  Wait wait{.threads = threads, .job = std::move(job)};
  co_return co_await wait;
}

}  // namespace sallyport::async
