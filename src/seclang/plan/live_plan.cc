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

// Makes one scanner after the other. When the process ends it waits for the database that is being
// compiled, which cannot be interrupted, and leaves the others.
class PlanMaker {
 public:
  static PlanMaker& the() {
    static PlanMaker maker;
    return maker;
  }
  PlanMaker(const PlanMaker&) = delete;
  PlanMaker& operator=(const PlanMaker&) = delete;

  void add(std::weak_ptr<LivePlan> plan) {
    {
      std::scoped_lock lock(mutex_);
      queue_.push_back(std::move(plan));
    }
    wake_.notify_one();
  }

 private:
  PlanMaker() {
    // What is set up before this is taken down behind it: OpenSSL, which hashes for the cache.
    (void)Cache::key_of({});
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~PlanMaker() {
    {
      std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void run() {
    pthread_setname_np(pthread_self(), "sallyport-rules");
    for (;;) {
      std::weak_ptr<LivePlan> next;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
        if (stop_) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      // A configuration that has gone meanwhile needs no scanner.
      if (std::shared_ptr<LivePlan> plan = next.lock()) plan->improve(stop_);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::weak_ptr<LivePlan>> queue_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
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

void LivePlan::improve(const std::atomic<bool>& stop) {
  kept_ = full_plan(folded_->rules, cache_, stop);
  full_.store(kept_.get(), std::memory_order_release);
}

}  // namespace sallyport::seclang
