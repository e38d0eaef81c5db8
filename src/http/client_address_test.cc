#include "http/client_address.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace sallyport::http {
namespace {

struct Case {
  std::string peer;
  std::vector<std::string> fields;
  std::string client;
  bool from_header = true;
};

net::CidrSet trusted() {
  return net::CidrSet(
      {*net::Cidr::parse("10.0.0.0/8", nullptr), *net::Cidr::parse("2001:db8:1::/48", nullptr)});
}

void check(const Case& c, ForwardedBy source) {
  alignas(8) std::array<std::byte, 1024> block;
  Arena arena(block);
  Headers headers(arena);
  for (const std::string& field : c.fields) {
    headers.add(source == ForwardedBy::forwarded ? "Forwarded" : "X-Forwarded-For", field);
  }
  SCOPED_TRACE(c.fields.empty() ? "" : c.fields.front());
  ClientAddress client = client_address(*net::Address::parse(c.peer), headers, source, trusted());
  EXPECT_EQ(client.address.text(), c.client);
  EXPECT_EQ(client.from_header, c.from_header);
}

TEST(ClientAddresses, XForwardedForIsWalkedFromTheRight) {
  for (const Case& c : std::vector<Case>{
           {"10.0.0.1", {"192.0.2.1"}, "192.0.2.1"},
           {"10.0.0.1", {"198.51.100.1, 192.0.2.1"}, "192.0.2.1"},
           {"10.0.0.1", {"192.0.2.1, 10.0.0.2,10.0.0.3"}, "192.0.2.1"},
           {"10.0.0.1", {"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
           {"10.0.0.1", {"192.0.2.1:4711"}, "192.0.2.1"},
           {"10.0.0.1", {"[2001:db8::7]:4711"}, "2001:db8::7"},
           {"10.0.0.1", {"2001:db8::7"}, "2001:db8::7"},
           {"2001:db8:1::1", {"192.0.2.1"}, "192.0.2.1"},
           {"10.0.0.1", {"10.0.0.9"}, "10.0.0.9"},
           {"10.0.0.1", {",, 192.0.2.1,,"}, "192.0.2.1"},
           // What is no address ends the walk at the last believed one.
           {"10.0.0.1", {"192.0.2.1, unknown"}, "10.0.0.1", false},
           {"10.0.0.1", {"192.0.2.1, nonsense, 10.0.0.2"}, "10.0.0.2"},
           {"10.0.0.1", {"192.0.2.1:99999"}, "10.0.0.1", false},
           {"10.0.0.1", {"[192.0.2.1]"}, "10.0.0.1", false},
           {"10.0.0.1", {"[2001:db8::7"}, "10.0.0.1", false},
           {"10.0.0.1", {""}, "10.0.0.1", false},
           {"10.0.0.1", {}, "10.0.0.1", false},
           // A peer that is not trusted may claim what it wants.
           {"192.0.2.9", {"198.51.100.1"}, "192.0.2.9", false},
       }) {
    check(c, ForwardedBy::x_forwarded_for);
  }
}

TEST(ClientAddresses, ForwardedHasParametersAndQuotes) {
  for (const Case& c : std::vector<Case>{
           {"10.0.0.1", {"for=192.0.2.1"}, "192.0.2.1"},
           {"10.0.0.1", {"For=\"192.0.2.1:80\""}, "192.0.2.1"},
           {"10.0.0.1", {"for=\"[2001:db8::7]:80\";proto=https"}, "2001:db8::7"},
           {"10.0.0.1", {"proto=http; by=10.0.0.1 ;for=192.0.2.1"}, "192.0.2.1"},
           {"10.0.0.1", {"for=198.51.100.1, for=192.0.2.1, for=10.0.0.2"}, "192.0.2.1"},
           {"10.0.0.1", {"for=192.0.2.1;host=\"a,b;for=198.51.100.1\""}, "192.0.2.1"},
           {"10.0.0.1", {"for=192.0.2.1", "for=10.0.0.2;by=\"_x\\\"y\""}, "192.0.2.1"},
           {"10.0.0.1", {"for=192.0.2.1, for=unknown"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=192.0.2.1, for=_hidden, for=10.0.0.2"}, "10.0.0.2"},
           {"10.0.0.1", {"for=192.0.2.1, proto=https"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=\"2001:db8::7\""}, "10.0.0.1", false},
           {"10.0.0.1", {"for=192.0.2.1:80"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=192.0.2.1;for=198.51.100.1"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=\"192.0.2.1"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=192.0.2.1, for"}, "10.0.0.1", false},
           {"10.0.0.1", {"for=\"192.0.2.1", "for=10.0.0.2"}, "10.0.0.2"},
           {"192.0.2.9", {"for=198.51.100.1"}, "192.0.2.9", false},
       }) {
    check(c, ForwardedBy::forwarded);
  }
}

TEST(ClientAddresses, NoHeaderIsReadUnlessOneIsChosen) {
  check({.peer = "10.0.0.1", .fields = {"192.0.2.1"}, .client = "10.0.0.1", .from_header = false},
        ForwardedBy::none);
}

TEST(ClientAddresses, AnEndlessListKeepsItsRightEnd) {
  std::string list = "192.0.2.1";
  for (int i = 0; i < 500; ++i) list += ", 10.0.0.2";
  check({.peer = "10.0.0.1", .fields = {list}, .client = "10.0.0.2"}, ForwardedBy::x_forwarded_for);
}

}  // namespace
}  // namespace sallyport::http
