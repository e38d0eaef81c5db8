#include "async/reactor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "async/task.h"

namespace sallyport::async {
namespace {

using namespace std::chrono_literals;

TEST(ReactorTest, runs_what_other_threads_post_in_order) {
  Reactor reactor;
  std::vector<int> seen;
  std::thread::id there;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) reactor.post([&seen, i] { seen.push_back(i); });
    reactor.post([&] { there = std::this_thread::get_id(); });
    reactor.stop();
  });
  reactor.run();
  poster.join();
  ASSERT_EQ(seen.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(there, std::this_thread::get_id());
}

TEST(ReactorTest, is_known_to_its_thread_while_it_runs) {
  Reactor reactor;
  EXPECT_EQ(Reactor::current(), nullptr);
  Reactor* inside = nullptr;
  reactor.post([&] { inside = Reactor::current(); });
  reactor.stop();
  reactor.run();
  EXPECT_EQ(inside, &reactor);
  EXPECT_EQ(Reactor::current(), nullptr);
}

TEST(ReactorTest, drops_what_is_posted_too_late) {
  auto owned = std::make_shared<int>(1);
  {
    Reactor reactor;
    reactor.stop();
    reactor.run();
    reactor.post([owned] { FAIL(); });
  }
  EXPECT_EQ(owned.use_count(), 1);
}

Detached sleep_then_note(Reactor& reactor, std::chrono::milliseconds time, std::string name,
                         std::string& notes, bool last) {
  Sleep sleep(reactor, time);
  co_await sleep;
  notes += name;
  if (last) reactor.stop();
}

TEST(ReactorTest, sleepers_wake_in_order_of_their_time) {
  Reactor reactor;
  std::string notes;
  auto begin = std::chrono::steady_clock::now();
  sleep_then_note(reactor, 60ms, "c", notes, true);
  sleep_then_note(reactor, 10ms, "a", notes, false);
  sleep_then_note(reactor, 30ms, "b", notes, false);
  reactor.run();
  EXPECT_EQ(notes, "abc");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 58ms);
}

Detached sleep_long(Sleep& sleep, Reactor& reactor) {
  co_await sleep;
  reactor.stop();
}

TEST(ReactorTest, sleep_can_be_cancelled) {
  Reactor reactor;
  Sleep sleep(reactor, 1h);
  sleep_long(sleep, reactor);
  reactor.post([&] { sleep.cancel(); });
  reactor.run();
}

struct Counting : Timer {
  explicit Counting(TimerList* again = nullptr) : Timer(&Counting::fire), list(again) {}
  static void fire(Timer& timer) {
    auto& self = static_cast<Counting&>(timer);
    ++self.count;
    if (self.list != nullptr) self.arm(*self.list);
  }
  TimerList* list;
  int count = 0;
};

TEST(TimerTest, fires_once_when_due) {
  Timers timers;
  timers.set_now(1000);
  Counting timer;
  timer.arm(timers.list(100ms));
  EXPECT_EQ(timers.until_next(), 100);
  timers.advance(1099);
  EXPECT_EQ(timer.count, 0);
  timers.advance(1100);
  EXPECT_EQ(timer.count, 1);
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(timers.until_next(), -1);
}

TEST(TimerTest, arming_again_starts_over) {
  Timers timers;
  Counting timer;
  timer.arm(timers.list(100ms));
  timers.advance(90);
  timer.arm(timers.list(100ms));
  timers.advance(150);
  EXPECT_EQ(timer.count, 0);
  timer.arm(timers.list(10ms));
  timers.advance(160);
  EXPECT_EQ(timer.count, 1);
}

TEST(TimerTest, disarmed_or_destroyed_timers_do_not_fire) {
  Timers timers;
  Counting kept;
  {
    Counting gone;
    gone.arm(timers.list(10ms));
    kept.arm(timers.list(10ms));
  }
  EXPECT_TRUE(kept.armed());
  kept.disarm();
  timers.advance(20);
  EXPECT_EQ(kept.count, 0);
}

TEST(TimerTest, arming_itself_at_zero_does_not_spin) {
  Timers timers;
  Counting timer(&timers.list(0ms));
  timer.arm(*timer.list);
  timers.advance(5);
  EXPECT_EQ(timer.count, 1);
  timers.advance(6);
  EXPECT_EQ(timer.count, 2);
}

struct Disarming : Timer {
  explicit Disarming(Timer* other) : Timer(&Disarming::fire), victim(other) {}
  static void fire(Timer& timer) { static_cast<Disarming&>(timer).victim->disarm(); }
  Timer* victim;
};

TEST(TimerTest, a_timer_may_disarm_the_next_one) {
  Timers timers;
  Counting second;
  Disarming first(&second);
  first.arm(timers.list(10ms));
  second.arm(timers.list(10ms));
  timers.advance(100);
  EXPECT_EQ(second.count, 0);
}

}  // namespace
}  // namespace sallyport::async
