#include "async/task.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sallyport {
namespace {

constexpr Reason kRefused{"test.refused", 403, "Refused."};

// Something a test can let go when it likes.
struct Gate {
  std::coroutine_handle<> waiter;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter = handle; }
  void await_resume() const noexcept {}
  void open() { std::exchange(waiter, nullptr).resume(); }
};

Task<std::string> after(Gate& gate, std::string text) {
  co_await gate;
  co_return text;
}

Task<std::string> twice(Gate& first, Gate& second) {
  std::string a = co_await after(first, "a");
  std::string b = co_await after(second, "b");
  co_return a + b;
}

async::Detached collect(Task<std::string> task, std::vector<std::string>& into) {
  std::string text = co_await task;
  into.push_back(std::move(text));
}

Task<Verdict> allow() { return pass(); }
Task<Verdict> refuse() { return stop(kRefused, "why"); }

async::Detached judge(Task<Verdict> task, int& status) {
  Verdict verdict = co_await task;
  status = verdict ? 200 : verdict.error().reason->status;
}

TEST(TaskTest, holds_a_value_that_is_ready) {
  Task<Verdict> task = allow();
  EXPECT_TRUE(task.ready());
  int status = 0;
  judge(std::move(task), status);
  EXPECT_EQ(status, 200);
  judge(refuse(), status);
  EXPECT_EQ(status, 403);
}

TEST(TaskTest, runs_at_once_and_waits_where_it_must) {
  Gate first;
  Gate second;
  std::vector<std::string> got;
  Task<std::string> task = twice(first, second);
  EXPECT_FALSE(task.ready());
  collect(std::move(task), got);
  EXPECT_TRUE(got.empty());
  first.open();
  EXPECT_TRUE(got.empty());
  second.open();
  EXPECT_EQ(got, std::vector<std::string>{"ab"});
}

TEST(TaskTest, may_finish_before_it_is_awaited) {
  Gate gate;
  std::vector<std::string> got;
  Task<std::string> task = after(gate, "early");
  gate.open();
  EXPECT_TRUE(task.ready());
  collect(std::move(task), got);
  EXPECT_EQ(got, std::vector<std::string>{"early"});
}

Task<int> fails(Gate& gate) {
  co_await gate;
  throw std::runtime_error("no");
}

async::Detached catches(Task<int> task, std::string& what) {
  try {
    int value = co_await task;
    what = std::to_string(value);
  } catch (const std::exception& error) {
    what = error.what();
  }
}

TEST(TaskTest, rethrows_to_its_awaiter) {
  Gate gate;
  std::string what;
  catches(fails(gate), what);
  gate.open();
  EXPECT_EQ(what, "no");
}

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  int below = co_await nested(depth - 1);
  co_return below + 1;
}

async::Detached read(Task<int> task, int& value) { value = co_await task; }

TEST(TaskTest, nests) {
  int value = 0;
  read(nested(1000), value);
  EXPECT_EQ(value, 1000);
}

TEST(TaskDeathTest, destroying_one_that_waits_aborts) {
  EXPECT_DEATH(
      {
        Gate gate;
        Task<std::string> task = after(gate, "never");
      },
      "");
}

TEST(FramePoolTest, gives_memory_of_every_size_class) {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t size = 1; size < 6000; size += 37) {
      void* block = async::FramePool::allocate(size);
      std::fill_n(static_cast<char*>(block), size, 'x');
      blocks.emplace_back(block, size);
    }
    for (auto [block, size] : blocks) async::FramePool::release(block, size);
    blocks.clear();
  }
}

}  // namespace
}  // namespace sallyport
