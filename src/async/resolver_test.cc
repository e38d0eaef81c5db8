#include "async/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace sallyport::async {
namespace {

using namespace std::chrono_literals;

TEST(ResolverTest, literals_need_no_lookup) {
  struct Case {
    std::string host;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"10.0.0.1", "10.0.0.1:9000"},
      {"::1", "[::1]:9000"},
      {"[2001:DB8::1]", "[2001:db8::1]:9000"},
      {"unix:/run/api.sock", "unix:/run/api.sock"},
  };
  for (const Case& each : cases) {
    Resolution found = resolve(each.host, 9000, 0ms);
    ASSERT_EQ(found.addresses.size(), 1U) << each.host;
    EXPECT_EQ(found.addresses[0].text(), each.text);
    EXPECT_EQ(found.error, "");
    EXPECT_GE(found.ttl, 1h);
  }
}

TEST(ResolverTest, what_is_no_literal_is_a_name) {
  for (const char* host : {"", "localhost", "10.0.0", "10.0.0.256", "0x7f.1", "2130706433", "[::1",
                           "1::2::3", "fe80::1%no-such-interface", "unix:"}) {
    EXPECT_EQ(SocketAddress::literal(host, 1).size, 0U) << host;
  }
  EXPECT_EQ(SocketAddress::literal("unix:/" + std::string(200, 'a'), 1).size, 0U);
}

TEST(ResolverTest, reads_the_hosts_file) {
  Resolution found = resolve("localhost", 80, 2s);
  ASSERT_FALSE(found.addresses.empty()) << found.error;
  for (const SocketAddress& address : found.addresses) {
    EXPECT_THAT(address.text(), ::testing::AnyOf("127.0.0.1:80", "[::1]:80"));
  }
  EXPECT_GE(found.ttl, 1s);
  Resolution again = resolve("localhost", 80, 2s);
  EXPECT_TRUE(found.addresses == again.addresses) << "always in the same order";
}

TEST(ResolverTest, says_why_there_is_no_address_and_keeps_to_its_time) {
  auto begin = std::chrono::steady_clock::now();
  Resolution found = resolve("no-such-host.invalid", 80, 400ms);
  EXPECT_TRUE(found.addresses.empty());
  EXPECT_THAT(found.error, ::testing::HasSubstr("no-such-host.invalid"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_NE(resolve(std::string(300, 'a'), 80, 400ms).error, "");
}

}  // namespace
}  // namespace sallyport::async
