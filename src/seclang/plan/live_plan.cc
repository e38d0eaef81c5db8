#include "seclang/plan/live_plan.h"

#include <pthread.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "async/background.h"
#include "base/report.h"

namespace sallyport::seclang {
namespace {

// What the databases of some ten rule sets need.
constexpr std::uintmax_t kMostCached = std::uintmax_t{512} << 20;

// Makes one scanner after the other. When the process ends it waits for the database that is being
// compiled, which cannot be interrupted, and leaves the others.
struct Maker {
  // What is set up before this is taken down behind it: OpenSSL, which hashes for the cache.
  Maker() { (void)Cache::key_of({}); }
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;
  ~Maker() { stop = true; }

  static Maker& the() {
    static Maker maker;
    return maker;
  }

  std::atomic<bool> stop{false};
  async::Background thread{1};
};

}  // namespace

std::shared_ptr<LivePlan> LivePlan::make(std::shared_ptr<const RuleSet> rules, Cache cache) {
  // The constructor is private, so make_shared cannot be used.
  return std::shared_ptr<LivePlan>(new LivePlan(folded_plan(std::move(rules)), std::move(cache)));
}

const Plan& LivePlan::get() const {
  if (const Plan* full = full_.load(std::memory_order_acquire)) return *full;
  if (!asked_.exchange(true, std::memory_order_relaxed)) {
    // A configuration that has gone meanwhile needs no scanner.
    Maker::the().thread.run(
        [plan = std::weak_ptr(std::const_pointer_cast<LivePlan>(shared_from_this()))] {
          pthread_setname_np(pthread_self(), "sallyport-rules");
          if (std::shared_ptr<LivePlan> alive = plan.lock()) alive->improve(Maker::the().stop);
        });
  }
  return *folded_;
}

void LivePlan::improve(const std::atomic<bool>& stop) {
  if (std::string why = cache_.why_distrusted(); !why.empty()) report(Severity::warning, why);
  try {
    kept_ = full_plan(*folded_, cache_, stop);
  } catch (const std::bad_alloc&) {  // what serves already decides alike
    report(Severity::error,
           "rules are evaluated without a scanner, which is slower: there was no memory to make "
           "one; reload once there is more");
    return;
  } catch (const std::exception& error) {
    report(Severity::error,
           std::string("rules are evaluated without a scanner, which is slower: ") + error.what());
    return;
  }
  full_.store(kept_.get(), std::memory_order_release);
  cache_.prune(kMostCached);
}

}  // namespace sallyport::seclang
