#include "gateway/connection_limits.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "gateway/listeners.h"

namespace sallyport::gateway {
namespace {

using Admission = ConnectionLimits::Admission;

net::Address address(const char* text) { return net::Address::parse(text).value(); }

TEST(ConnectionLimits, AdmitsUpToTheTotalAndAgainAfterOneLeft) {
  ConnectionLimits limits;
  limits.set(2, 0);
  EXPECT_EQ(limits.enter(address("192.0.2.1"), true), Admission::admitted);
  EXPECT_EQ(limits.enter(address("192.0.2.2"), true), Admission::admitted);
  EXPECT_EQ(limits.enter(address("192.0.2.3"), true), Admission::too_many);
  EXPECT_EQ(limits.open(), 2U);
  limits.leave(address("192.0.2.1"), true);
  EXPECT_EQ(limits.enter(address("192.0.2.3"), true), Admission::admitted);
}

TEST(ConnectionLimits, OneClientCannotTakeThePlaceOfOthers) {
  ConnectionLimits limits;
  limits.set(10, 2);
  EXPECT_EQ(limits.enter(address("192.0.2.1"), true), Admission::admitted);
  EXPECT_EQ(limits.enter(address("192.0.2.1"), true), Admission::admitted);
  EXPECT_EQ(limits.enter(address("192.0.2.1"), true), Admission::too_many_of_client);
  EXPECT_EQ(limits.enter(address("192.0.2.2"), true), Admission::admitted);
  EXPECT_EQ(limits.open(), 3U);
}

TEST(ConnectionLimits, AProxyThatSpeaksForManyIsNotOneClient) {
  ConnectionLimits limits;
  limits.set(10, 1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(limits.enter(address("10.0.0.1"), false), Admission::admitted);
  }
}

TEST(Listeners, APortInUseIsAnErrorThatSaysSo) {
  Listeners first;
  std::string error;
  async::SocketAddress any = async::SocketAddress::literal("127.0.0.1", 0);
  ASSERT_TRUE(first.open("a", any, 2, error)) << error;
  const ListeningSockets* open = first.find("a");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->fds.size(), 2U);
  EXPECT_NE(open->address.port(), 0);
  Listeners second;
  EXPECT_FALSE(second.open("b", open->address, 1, error));
  EXPECT_NE(error.find("another process uses this port"), std::string::npos) << error;
}

TEST(Listeners, ASuccessorTakesOverWhatTheEnvironmentNames) {
  Listeners first;
  std::string error;
  ASSERT_TRUE(first.open(":8443#0", async::SocketAddress::literal("127.0.0.1", 0), 2, error));
  std::vector<int> fds;
  (void)first.to_environment(fds);
  EXPECT_EQ(fds.size(), 2U);
  std::string copies = ":8443#0=" + std::to_string(dup(fds[0])) + "," +
                       std::to_string(dup(fds[1])) + ",;garbage;x=;y=1,2;";
  setenv(Listeners::kEnvironment, copies.c_str(), 1);
  Listeners second;
  second.inherit();
  ASSERT_NE(second.find(":8443#0"), nullptr);
  EXPECT_EQ(second.find(":8443#0")->address, first.find(":8443#0")->address);
  EXPECT_EQ(second.find("y"), nullptr);  // standard streams are never listeners
  EXPECT_EQ(getenv(Listeners::kEnvironment), nullptr);
}

}  // namespace
}  // namespace sallyport::gateway
