#include "policies/authenticate/proof/replay_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "policy/exchange_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using Answer = ReplayMemory::Answer;

TEST(ReplayMemory, KnowsWhatItHasSeenUntilItExpires) {
  ReplayMemory memory;
  EXPECT_EQ(memory.remember("dpop", "key", "jti", 100, 160), Answer::fresh);
  EXPECT_EQ(memory.remember("dpop", "key", "jti", 100, 160), Answer::seen);
  EXPECT_EQ(memory.remember("dpop", "key", "jti", 160, 220), Answer::seen);
  EXPECT_EQ(memory.remember("dpop", "key", "jti", 161, 221), Answer::fresh);
  EXPECT_EQ(memory.remember("dpop", "key", "jti", 161, 221), Answer::seen);
}

TEST(ReplayMemory, ForgetsWhatHasComeToNothingAndNothingElse) {
  ReplayMemory memory;
  memory.forget("logout_token", "issuer", "a");
  for (const char* id : {"a", "b"}) {
    EXPECT_EQ(memory.remember("logout_token", "issuer", id, 100, 160), Answer::fresh);
  }
  memory.forget("logout_token", "issuer", "a");
  EXPECT_EQ(memory.remember("logout_token", "issuer", "b", 100, 160), Answer::seen);
  EXPECT_EQ(memory.remember("logout_token", "issuer", "a", 100, 160), Answer::fresh);
  EXPECT_EQ(memory.remember("logout_token", "issuer", "a", 100, 160), Answer::seen);
}

TEST(ReplayMemory, TellsKindsCallersAndThingsApart) {
  ReplayMemory memory;
  EXPECT_EQ(memory.remember("a", "bc", "d", 1, 9), Answer::fresh);
  const std::array<const char*, 3> others[] = {
      {"ab", "c", "d"}, {"a", "b", "cd"}, {"a", "bcd", ""}, {"", "abc", "d"}, {"a", "d", "bc"}};
  for (const auto& [kind, who, what] : others) {
    EXPECT_EQ(memory.remember(kind, who, what, 1, 9), Answer::fresh) << kind << who << what;
  }
}

TEST(ReplayMemory, HoldsHundredsOfThousandsAndThenRefusesInsteadOfForgetting) {
  ReplayMemory memory;
  constexpr int kHalf = 1 << 19;
  for (int i = 0; i < kHalf; ++i) {
    ASSERT_EQ(memory.remember("a", "b", std::to_string(i), 1, 9), Answer::fresh) << i;
  }
  bool full = false;
  for (int i = kHalf; i < 4 * kHalf && !full; ++i) {
    full = memory.remember("a", "b", std::to_string(i), 1, 9) == Answer::full;
  }
  EXPECT_TRUE(full);
  for (int i = 0; i < kHalf; ++i) {
    ASSERT_EQ(memory.remember("a", "b", std::to_string(i), 1, 9), Answer::seen) << i;
  }
  EXPECT_EQ(memory.remember("a", "b", "0", 10, 20), Answer::fresh);  // all have expired
}

TEST(ReplayMemory, ARehearsalLooksAndLeavesNothing) {
  ReplayMemory memory;
  testing::ExchangeFixture asked;
  asked.x.rehearsal = true;
  testing::ExchangeFixture sent;
  EXPECT_EQ(memory.remember(asked.x, "dpop", "key", "jti", 100, 160), Answer::fresh);
  EXPECT_EQ(memory.remember(sent.x, "dpop", "key", "jti", 100, 160), Answer::fresh);
  EXPECT_EQ(memory.remember(asked.x, "dpop", "key", "jti", 100, 160), Answer::seen);
}

TEST(ReplayMemory, OfManyThreadsOneIsFirst) {
  ReplayMemory memory;
  std::atomic<int> fresh = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        if (memory.remember("a", "b", std::to_string(i), 1, 9) == Answer::fresh) ++fresh;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fresh, 2000);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
