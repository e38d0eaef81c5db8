#include "seclang/work_budget.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/clock.h"

namespace sallyport::seclang {
namespace {

std::int64_t processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

WorkBudget::Scope::Scope(WorkBudget& budget)
    : budget_(budget), before_(std::exchange(in_force, &budget)) {
  budget_.begin();
}

WorkBudget::Scope::~Scope() {
  if (budget_.looked_ != 0) budget_.look();
  in_force = before_;
}

void WorkBudget::begin() {
  bytes_ = 0;
  looked_ = 0;
  processor_ = -1;
}

void WorkBudget::begin_to_look() { looked_ = Ticks::now(); }

void WorkBudget::ask_processor() {
  if (processor_ < 0) processor_ = processor_nanoseconds();
}

// The thread's own clock is a system call. Between two looks the thread may have waited for the
// processor, so time that passed counts only while it is short; from then on its clock is asked,
// and before anything that may take long.
void WorkBudget::look() {
  constexpr std::int64_t kShort = 1'000'000;
  bytes_ = 0;
  if (processor_ >= 0) {
    const std::int64_t used = processor_nanoseconds();
    left_ -= used - std::exchange(processor_, used);
    return;
  }
  const std::uint64_t now = Ticks::now();
  const auto passed = static_cast<std::int64_t>(Ticks::nanoseconds(looked_, now));
  looked_ = now;
  left_ -= std::min(passed, kShort);
  if (passed >= kShort) ask_processor();
}

}  // namespace sallyport::seclang
