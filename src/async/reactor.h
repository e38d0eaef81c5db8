// One thread's event loop: epoll, timers, an inbox for other threads.
//
// Sockets are registered once, edge-triggered, for everything; what they are waited for is the
// Socket's business. A stale event for a closed socket is recognised by its generation.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "async/timer.h"

namespace sallyport::async {

class Socket;

class Reactor {
 public:
  Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  ~Reactor();

  // Runs until `stop`. Everything below is for the reactor's own thread except `post` and `stop`.
  void run();
  void stop();
  // Runs `work` on the reactor's thread, soon. Any thread. Work posted after `run` has returned
  // is destroyed unrun.
  void post(std::move_only_function<void()> work);

  // For threads that may outlast the reactor: posts as long as it is there.
  class Lifeline {
   public:
    explicit Lifeline(Reactor& reactor) : reactor_(&reactor) {}
    // Any thread. Without a reactor the work is destroyed unrun.
    void post(std::move_only_function<void()> work) {
      std::scoped_lock lock(mutex_);
      if (reactor_ != nullptr) reactor_->post(std::move(work));
    }

   private:
    friend class Reactor;
    std::mutex mutex_;
    Reactor* reactor_;
  };
  [[nodiscard]] std::shared_ptr<Lifeline> lifeline() const { return lifeline_; }

  // Resumes a coroutine after the current batch of events: whoever ends another's wait uses this,
  // so that nobody is destroyed while his own code runs.
  void schedule(std::coroutine_handle<> handle) { ready_.push_back(handle); }

  // `co_await reactor.turn()`: lets what else has happened go first, and goes on with all others
  // that wait like this.
  [[nodiscard]] auto turn() {
    struct Turn {
      Reactor& reactor;
      static bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiter) const { reactor.schedule(waiter); }
      static void await_resume() noexcept {}
    };
    return Turn{*this};
  }

  [[nodiscard]] TimerList& timeout(std::chrono::milliseconds duration) {
    return timers_.list(duration);
  }
  // Coarse clock: milliseconds, monotonic, read once per batch.
  [[nodiscard]] std::uint64_t now() const { return timers_.now(); }

  // The reactor of this thread, null outside of `run`.
  [[nodiscard]] static Reactor* current() { return current_; }

 private:
  friend class Socket;
  struct Slot {
    Socket* socket = nullptr;
    std::uint32_t generation = 0;
    std::uint32_t events = 0;  // not 0: it stands in line for these
  };

  // Tickets of sockets whose events come first have this bit.
  static constexpr std::uint64_t kFirst = std::uint64_t{1} << 31;

  // Returns the ticket; 0 on failure.
  std::uint64_t add(Socket* socket, int fd, bool first);
  void remove(std::uint64_t ticket);
  // Null when the socket is gone.
  [[nodiscard]] Slot* find(std::uint64_t ticket) {
    Slot& slot = slots_[static_cast<std::uint32_t>(ticket & ~kFirst)];
    return slot.generation == ticket >> 32 && slot.socket != nullptr ? &slot : nullptr;
  }
  [[nodiscard]] bool alive(std::uint64_t ticket) { return find(ticket) != nullptr; }
  void run_inbox();

  int epoll_;
  int wake_;
  bool stopped_ = false;
  Timers timers_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::deque<std::uint64_t> line_;  // tickets whose events wait their turn
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> resuming_;

  const std::shared_ptr<Lifeline> lifeline_ = std::make_shared<Lifeline>(*this);
  std::mutex inbox_mutex_;
  std::vector<std::move_only_function<void()>> inbox_;

  static inline thread_local Reactor* current_ = nullptr;
};

// Waits without a socket: `co_await Sleep(reactor, 5s)`. `cancel` ends the wait early.
class Sleep {
 public:
  Sleep(Reactor& reactor, std::chrono::milliseconds duration)
      : reactor_(reactor), list_(reactor.timeout(duration)), timer_(&Sleep::fire, this) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    timer_.arm(list_);
  }
  void await_resume() const noexcept {}
  void cancel() {
    if (timer_.armed()) wake();
  }

 private:
  struct Own : Timer {
    Own(Callback callback, Sleep* sleep) : Timer(callback), owner(sleep) {}
    Sleep* owner;
  };
  static void fire(Timer& timer) { static_cast<Own&>(timer).owner->wake(); }
  void wake() {
    timer_.disarm();
    reactor_.schedule(waiter_);
  }

  Reactor& reactor_;
  TimerList& list_;
  Own timer_;
  std::coroutine_handle<> waiter_;
};

}  // namespace sallyport::async
