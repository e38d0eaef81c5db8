#include "async/in_background.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/result.h"

namespace sallyport::async {
namespace {

struct Result {
  std::thread::id worked;
  std::thread::id went_on;
  int value = 0;
};

Task<Done> wait_for(Background& threads, Reactor& reactor, Result& result) {
  std::move_only_function<int()> work = [&result] {
    result.worked = std::this_thread::get_id();
    return 7;
  };
  const int value = co_await in_background<int>(threads, std::move(work));
  result.value = value;
  result.went_on = std::this_thread::get_id();
  reactor.stop();
  co_return Done{};
}

TEST(InBackground, WorksElsewhereAndGoesOnHere) {
  Background threads(1);
  Reactor reactor;
  Result result;
  std::optional<Task<Done>> task;
  reactor.post([&] { task.emplace(wait_for(threads, reactor, result)); });
  reactor.run();
  EXPECT_EQ(result.value, 7);
  EXPECT_EQ(result.went_on, std::this_thread::get_id());
  EXPECT_NE(result.worked, std::this_thread::get_id());
}

TEST(InBackground, AReactorThatHasGoneIsPostedNothing) {
  auto reactor = std::make_unique<Reactor>();
  std::shared_ptr<Reactor::Lifeline> lifeline = reactor->lifeline();
  bool ran = false;
  lifeline->post([&] {
    ran = true;
    reactor->stop();
  });
  reactor->run();
  EXPECT_TRUE(ran);
  reactor.reset();
  lifeline->post([] { FAIL() << "there is nobody to run this"; });
}

}  // namespace
}  // namespace sallyport::async
