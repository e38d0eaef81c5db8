#include "seclang/plan/live_plan.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "seclang/plan/scanner.h"

namespace sallyport::seclang {

// Makes one scanner after the other. Its thread ends with the process and is not waited for: a
// compilation takes many seconds and cannot be interrupted.
class PlanMaker {
 public:
  static PlanMaker& the() {
    static auto* const maker = new PlanMaker;  // never destroyed: its thread still uses it
    return *maker;
  }

  void add(std::weak_ptr<LivePlan> plan) {
    {
      std::scoped_lock lock(mutex_);
      queue_.push_back(std::move(plan));
    }
    wake_.notify_one();
  }

 private:
  PlanMaker() {
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([this] { run(); }).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  [[noreturn]] void run() {
    pthread_setname_np(pthread_self(), "sallyport-rules");
    for (;;) {
      std::weak_ptr<LivePlan> next;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !queue_.empty(); });
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      // A configuration that has gone meanwhile needs no scanner.
      if (std::shared_ptr<LivePlan> plan = next.lock()) plan->improve();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::weak_ptr<LivePlan>> queue_;
};

std::shared_ptr<LivePlan> LivePlan::make(std::shared_ptr<const RuleSet> rules, Cache cache) {
  // The constructor is private, so make_shared cannot be used.
  return std::shared_ptr<LivePlan>(new LivePlan(folded_plan(std::move(rules)), std::move(cache)));
}

const Plan& LivePlan::get() const {
  if (const Plan* full = full_.load(std::memory_order_acquire)) return *full;
  if (!asked_.exchange(true, std::memory_order_relaxed)) {
    PlanMaker::the().add(std::const_pointer_cast<LivePlan>(shared_from_this()));
  }
  return *folded_;
}

void LivePlan::improve() {
  kept_ = full_plan(folded_->rules, cache_);
  full_.store(kept_.get(), std::memory_order_release);
}

}  // namespace sallyport::seclang
