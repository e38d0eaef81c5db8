#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

TEST(IpAllow, DecidesByTheClientAddress) {
  constexpr std::string_view kBoth =
      R"({"allow": ["10.0.0.0/8", "2001:db8::/32"], "deny": ["10.9.0.0/16"]})";
  constexpr std::string_view kAllow = R"({"allow": ["192.0.2.7"]})";
  constexpr std::string_view kDeny = R"({"deny": ["192.0.2.0/24"]})";
  struct Case {
    std::string_view block;
    std::string_view client;
    bool passes;
  };
  const Case cases[] = {
      {kBoth, "10.1.2.3", true},     {kBoth, "10.9.2.3", false},
      {kBoth, "192.0.2.7", false},   {kBoth, "2001:db8::1", true},
      {kBoth, "2001:db9::1", false}, {kBoth, "::ffff:10.1.2.3", true},
      {kAllow, "192.0.2.7", true},   {kAllow, "192.0.2.8", false},
      {kDeny, "192.0.2.8", false},   {kDeny, "198.51.100.1", true},
  };
  for (const Case& c : cases) {
    PolicyFixture policy("ip_allow", c.block);
    ASSERT_EQ(policy.errors, "");
    ExchangeFixture f;
    f.client(c.client);
    EXPECT_EQ(policy.request(f), c.passes ? "passed" : "ip_allow.not_allowed")
        << c.block << " " << c.client;
  }
}

TEST(IpAllow, DoesNotBelieveForwardingHeaders) {
  PolicyFixture policy("ip_allow", R"({"allow": ["10.0.0.0/8"]})");
  ExchangeFixture f;
  f.client("192.0.2.1").header("X-Forwarded-For", "10.1.1.1").header("X-Real-IP", "10.1.1.1");
  EXPECT_EQ(policy.request(f), "ip_allow.not_allowed");
  EXPECT_EQ(f.x.trail.entries()[0].detail, "192.0.2.1 is not listed");
}

TEST(IpAllow, NeedsANetwork) {
  EXPECT_THAT(PolicyFixture("ip_allow", "{}").errors, HasSubstr("names no network"));
  EXPECT_NE(PolicyFixture("ip_allow", R"({"allow": [], "deny": ["10.0.0.1"]})").errors, "");
  EXPECT_NE(PolicyFixture("ip_allow", R"({"allow": ["10.0.0.1/8"]})").errors, "");
}

}  // namespace
}  // namespace sallyport
