// Waiting on a worker's reactor for the store: `co_await in_store(store, work)`.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/reactor.h"
#include "async/task.h"
#include "store/store.h"

namespace sallyport::store {

// Runs `work` (Session& to an Outcome) on the store's thread, and goes on here once it is committed
// or has failed. A reactor that ends before that never goes on.
template <typename Work>
Task<std::invoke_result_t<Work&, Session&>> in_store(Store& store, Work work) {
  using Result = std::invoke_result_t<Work&, Session&>;
  struct Wait {
    Store& store;
    Work work;
    std::shared_ptr<std::optional<Result>> result;  // of both threads: either may be gone first

    static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      store.run(std::move(work), [result = result, waiter,
                                  lifeline = async::Reactor::current()->lifeline()](Result done) {
        result->emplace(std::move(done));
        lifeline->post([waiter] { waiter.resume(); });
      });
    }
    Result await_resume() { return std::move(**result); }
  };
  Wait wait{
      .store = store, .work = std::move(work), .result = std::make_shared<std::optional<Result>>()};
  co_return co_await wait;
}

}  // namespace sallyport::store
