// Timeouts that cost two pointer moves to arm. Every duration has its own first-in-first-out list,
// so the list is always sorted and only its head has to be looked at.
//
// One thread. A timer that fires is disarmed first; it may be armed again from its callback.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace sallyport::async {

class TimerList;

class Timer {
 public:
  using Callback = void (*)(Timer&);
  explicit Timer(Callback callback) : callback_(callback) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  // Starts over if it runs already.
  void arm(TimerList& list);
  void disarm();
  [[nodiscard]] bool armed() const { return next_ != nullptr; }

 private:
  friend class TimerList;
  friend class Timers;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  std::uint64_t deadline_ = 0;  // milliseconds of the reactor's clock
  Callback callback_;
};

class TimerList {
 public:
  TimerList(std::chrono::milliseconds duration, const std::uint64_t& now);
  [[nodiscard]] std::chrono::milliseconds duration() const { return duration_; }

 private:
  friend class Timer;
  friend class Timers;
  std::chrono::milliseconds duration_;
  const std::uint64_t& now_;
  Timer head_;  // sentinel of a circular list
};

// All lists of one reactor. Lists are made on first use and stay.
class Timers {
 public:
  [[nodiscard]] TimerList& list(std::chrono::milliseconds duration);
  // Milliseconds until the next timer fires, -1 if none is armed.
  [[nodiscard]] int until_next() const;
  // Sets the clock and fires what is due.
  void advance(std::uint64_t now_milliseconds);
  [[nodiscard]] std::uint64_t now() const { return now_; }
  void set_now(std::uint64_t now_milliseconds) { now_ = now_milliseconds; }

 private:
  std::uint64_t now_ = 0;
  std::vector<std::unique_ptr<TimerList>> lists_;
};

inline void Timer::disarm() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = nullptr;
  previous_ = nullptr;
}

inline void Timer::arm(TimerList& list) {
  disarm();
  deadline_ = list.now_ + static_cast<std::uint64_t>(list.duration_.count());
  previous_ = list.head_.previous_;
  next_ = &list.head_;
  previous_->next_ = this;
  list.head_.previous_ = this;
}

}  // namespace sallyport::async
