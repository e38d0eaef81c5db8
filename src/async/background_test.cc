#include "async/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "async/reactor.h"

namespace sallyport::async {
namespace {

TEST(BackgroundTest, answers_through_the_reactor) {
  Reactor reactor;
  Background background(2);
  int sum = 0;
  int left = 100;
  for (int i = 0; i < 100; ++i) {
    background.run([&, i] {
      EXPECT_EQ(Reactor::current(), nullptr);
      reactor.post([&, i] {
        sum += i;
        if (--left == 0) reactor.stop();
      });
    });
  }
  reactor.run();
  EXPECT_EQ(sum, 4950);
}

TEST(BackgroundTest, finishes_what_runs_and_drops_what_has_not_begun) {
  std::promise<void> begun;
  std::promise<void> go;
  std::atomic<bool> finished = false;
  std::atomic<bool> ran = false;
  auto owned = std::make_shared<int>(1);
  auto background = std::make_unique<Background>(1);
  background->run([&] {
    begun.set_value();
    go.get_future().wait();
    finished = true;
  });
  begun.get_future().wait();
  background->run([&, owned] { ran = true; });
  std::thread ender([&] { background.reset(); });
  while (owned.use_count() > 1) std::this_thread::yield();
  go.set_value();
  ender.join();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace sallyport::async
