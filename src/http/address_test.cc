#include "http/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <random>

namespace sallyport::net {
namespace {

Address address(std::string_view text) {
  std::optional<Address> parsed = Address::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(Address{});
}

Cidr cidr(std::string_view text) {
  std::string error;
  std::optional<Cidr> parsed = Cidr::parse(text, &error);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << error;
  return parsed.value_or(Cidr{});
}

TEST(Addresses, AreWrittenInTheirUsualForm) {
  for (const auto& [text, written] : std::initializer_list<std::pair<const char*, const char*>>{
           {"192.0.2.1", "192.0.2.1"},
           {"255.255.255.255", "255.255.255.255"},
           {"0.0.0.0", "0.0.0.0"},
           {"::ffff:192.0.2.1", "192.0.2.1"},
           {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
           {"::", "::"},
           {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
       }) {
    EXPECT_EQ(address(text).text(), written);
  }
}

TEST(Addresses, AnythingElseIsNoAddress) {
  for (std::string_view text :
       {"", " ", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4",
        "0x7f.0.0.1", "1.2.3.4/8", "[::1]", "::1%lo", ":::", "1::2::3", "12345::", "localhost",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    EXPECT_FALSE(Address::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0", 8)).has_value());
}

TEST(Addresses, LoopbackIsAWholeNetworkInVersion4) {
  EXPECT_TRUE(address("127.0.0.1").is_loopback());
  EXPECT_TRUE(address("127.255.0.1").is_loopback());
  EXPECT_TRUE(address("::1").is_loopback());
  EXPECT_FALSE(address("128.0.0.1").is_loopback());
  EXPECT_FALSE(address("::2").is_loopback());
}

TEST(Addresses, ComeFromSockets) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.7", &v4.sin_addr);
  std::memcpy(&storage, &v4, sizeof v4);
  EXPECT_EQ(Address::from(storage).text(), "192.0.2.7");

  storage = {};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr);
  std::memcpy(&storage, &v6, sizeof v6);
  EXPECT_EQ(Address::from(storage).text(), "192.0.2.7");

  storage = {};
  storage.ss_family = AF_UNIX;
  EXPECT_EQ(Address::from(storage), Address{});
}

TEST(Networks, HoldWhatTheirPrefixSays) {
  EXPECT_TRUE(cidr("10.0.0.0/8").contains(address("10.255.255.255")));
  EXPECT_FALSE(cidr("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_TRUE(cidr("192.0.2.128/25").contains(address("192.0.2.200")));
  EXPECT_FALSE(cidr("192.0.2.128/25").contains(address("192.0.2.127")));
  EXPECT_TRUE(cidr("2001:db8::/32").contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(cidr("0.0.0.0/0").contains(address("2001:db8::1")));
  EXPECT_TRUE(cidr("::/0").contains(address("10.0.0.1")));
  EXPECT_EQ(cidr("10.0.0.0/8").text(), "10.0.0.0/8");
  EXPECT_EQ(cidr("192.0.2.7").text(), "192.0.2.7/32");
  EXPECT_EQ(cidr("2001:DB8::1").text(), "2001:db8::1/128");
}

TEST(Networks, SlipsAreExplained) {
  for (const auto& [text, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"10.0.0.1/8",
            "\"10.0.0.1/8\" has bits set beyond its prefix; the network is 10.0.0.0/8"},
           {"example.com", "\"example.com\" is not an IP address"},
           {"10.0.0.0/33", "the prefix length \"33\" is not a number from 0 to 32"},
           {"10.0.0.0/", "the prefix length \"\" is not a number from 0 to 32"},
           {"2001:db8::/129", "the prefix length \"129\" is not a number from 0 to 128"},
           {"10.0.0.0/+8", "the prefix length \"+8\" is not a number from 0 to 32"},
       }) {
    std::string error;
    EXPECT_FALSE(Cidr::parse(text, &error).has_value());
    EXPECT_EQ(error, message);
    EXPECT_FALSE(Cidr::parse(text, nullptr).has_value());
  }
}

TEST(NetworkSets, MergeWhatOverlapsOrTouches) {
  CidrSet set({cidr("10.0.0.0/9"), cidr("10.128.0.0/9"), cidr("10.1.2.3"), cidr("192.0.2.0/24"),
               cidr("2001:db8::/32")});
  EXPECT_TRUE(set.contains(address("10.0.0.0")));
  EXPECT_TRUE(set.contains(address("10.255.255.255")));
  EXPECT_FALSE(set.contains(address("9.255.255.255")));
  EXPECT_FALSE(set.contains(address("11.0.0.0")));
  EXPECT_TRUE(set.contains(address("192.0.2.255")));
  EXPECT_FALSE(set.contains(address("192.0.3.0")));
  EXPECT_TRUE(set.contains(address("2001:db8::5")));
  EXPECT_EQ(set.networks().size(), 5U);
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(CidrSet().empty());
  EXPECT_FALSE(CidrSet().contains(address("10.0.0.1")));
}

TEST(NetworkSets, AgreeWithAskingEveryNetwork) {
  std::mt19937 random(7);
  std::vector<Cidr> networks;
  for (int i = 0; i < 200; ++i) {
    Address start = address("10.0.0.0");
    start.bytes[14] = static_cast<std::uint8_t>(random() % 8);
    start.bytes[15] = static_cast<std::uint8_t>(random());
    for (unsigned prefix = 22 + random() % 11;; ++prefix) {
      std::string text = start.text() + "/" + std::to_string(prefix);
      if (std::optional<Cidr> parsed = Cidr::parse(text, nullptr)) {
        networks.push_back(*parsed);
        break;
      }
    }
  }
  CidrSet set(networks);
  for (unsigned i = 0; i < 4096; ++i) {
    Address probe = address("10.0.0.0");
    probe.bytes[14] = static_cast<std::uint8_t>(i >> 8);
    probe.bytes[15] = static_cast<std::uint8_t>(i);
    bool expected = false;
    for (const Cidr& network : networks) expected |= network.contains(probe);
    EXPECT_EQ(set.contains(probe), expected) << probe.text();
  }
}

TEST(NetworkSets, ReachTheLastAddress) {
  CidrSet set({cidr("::/0"), cidr("ffff::/16")});
  EXPECT_TRUE(set.contains(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(set.contains(address("::")));
}

}  // namespace
}  // namespace sallyport::net
