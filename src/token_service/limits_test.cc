// What is counted and remembered of sign-ins.
#include <gtest/gtest.h>

#include <string>

#include "token_service/client_throttle.h"
#include "token_service/used_assertions.h"

namespace sallyport::token_service {
namespace {

net::Address address(std::string_view text) { return *net::Address::parse(text); }

TEST(ClientThrottle, HoldsBackWhoFailsTooOftenAndForgivesHim) {
  ClientThrottle throttle;
  const net::Address here = address("192.0.2.1");
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(throttle.may_try("web", here, 0)) << i;
    throttle.note("web", here, 0);
  }
  EXPECT_FALSE(throttle.may_try("web", here, 0));
  EXPECT_TRUE(throttle.may_try("other", here, 0));
  EXPECT_TRUE(throttle.may_try("web", address("192.0.2.2"), 0));
  EXPECT_FALSE(throttle.may_try("web", here, ClientThrottle::kClientPause - 1));
  EXPECT_TRUE(throttle.may_try("web", here, ClientThrottle::kClientPause));
}

TEST(ClientThrottle, HoldsBackAnAddressWhateverNamesItInvents) {
  ClientThrottle throttle;
  const net::Address here = address("192.0.2.1");
  for (int i = 0; i < 50; ++i) throttle.note("c" + std::to_string(i), here, 0);
  EXPECT_FALSE(throttle.may_try("never heard of", here, 0));
  EXPECT_TRUE(throttle.may_try("never heard of", here, ClientThrottle::kAddressPause));
}

TEST(ClientThrottle, TakesANetworkOfIPv6ForOneAddress) {
  ClientThrottle throttle;
  for (int i = 0; i < 10; ++i) throttle.note("web", address("2001:db8::" + std::to_string(i)), 0);
  EXPECT_FALSE(throttle.may_try("web", address("2001:db8::ffff"), 0));
  EXPECT_TRUE(throttle.may_try("web", address("2001:db8:0:1::1"), 0));
}

TEST(ClientThrottle, DoesNotForgetForOthersSake) {
  ClientThrottle throttle;
  const net::Address here = address("192.0.2.1");
  for (int i = 0; i < 50; ++i) throttle.note("web", here, 0);
  for (int i = 0; i < 5000; ++i) {
    throttle.note("c", address("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)),
                  0);
  }
  EXPECT_FALSE(throttle.may_try("web", here, 0));
}

using Use = UsedAssertions::Use;

TEST(UsedAssertions, CountOnceForEachClientUntilTheyExpire) {
  UsedAssertions used;
  EXPECT_EQ(used.use("a", "1", 0, 100), Use::first);
  EXPECT_EQ(used.use("a", "1", 50, 150), Use::again);
  EXPECT_EQ(used.use("b", "1", 50, 150), Use::first);
  EXPECT_EQ(used.use("a", "1", 100, 200), Use::again);
  EXPECT_EQ(used.use("a", "1", 101, 200), Use::first);
  // Where a name ends counts.
  EXPECT_EQ(used.use("ab", "c", 101, 200), Use::first);
  EXPECT_EQ(used.use("a", "bc", 101, 200), Use::first);
}

TEST(UsedAssertions, AClientFillsItsOwnRoomOnly) {
  UsedAssertions used;
  for (std::size_t i = 0; i < UsedAssertions::kMostOfClient; ++i) {
    ASSERT_EQ(used.use("a", std::to_string(i), 0, 100), Use::first);
  }
  EXPECT_EQ(used.use("a", "one more", 0, 100), Use::no_room);
  EXPECT_EQ(used.use("a", "0", 0, 100), Use::again);
  EXPECT_EQ(used.use("b", "0", 0, 100), Use::first);
  EXPECT_EQ(used.use("a", "one more", 101, 200), Use::first);
}

TEST(UsedAssertions, NeverForgetWhatIsStillGood) {
  UsedAssertions used;
  std::size_t taken = 0;
  for (std::size_t client = 0; taken < UsedAssertions::kMost; ++client) {
    for (std::size_t i = 0; i < 4000 && taken < UsedAssertions::kMost; ++i, ++taken) {
      ASSERT_EQ(used.use(std::to_string(client), std::to_string(i), 0, 100), Use::first);
    }
  }
  EXPECT_EQ(used.use("late", "x", 0, 100), Use::no_room);
  EXPECT_EQ(used.use("0", "0", 0, 100), Use::again);
}

}  // namespace
}  // namespace sallyport::token_service
