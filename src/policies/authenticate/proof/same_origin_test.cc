#include "policies/authenticate/proof/same_origin.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "policy/exchange_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using testing::ExchangeFixture;

struct Case {
  std::string_view site;  // empty: not sent
  std::string_view origin;
  bool good;
};

const std::array<std::string, 1> kTrusted{"https://app.example.com"};

TEST(SameOrigin, BelievesBrowsersThatSayWhoAsks) {
  const std::vector<Case> cases = {
      {"same-origin", "", true},
      {"none", "", true},
      {"same-site", "", false},
      {"cross-site", "", false},
      {"cross-site", "https://app.example.com", true},
      {"cross-site", "https://api.example.com", false},
      {"same-origin, cross-site", "", false},
      {"SAME-ORIGIN", "", false},
      {"", "https://api.example.com", true},
      {"", "https://app.example.com", true},
      {"", "https://api.example.com:443", false},
      {"", "http://api.example.com", false},
      {"", "https://api.example.com.evil.example", false},
      {"", "null", false},
      {"", "", false},
  };
  for (const Case& each : cases) {
    ExchangeFixture f;
    f.x.tls.on = true;
    if (!each.site.empty()) f.header("sec-fetch-site", each.site);
    if (!each.origin.empty()) f.header("Origin", each.origin);
    EXPECT_EQ(cross_site_fault(f.x, kTrusted).empty(), each.good)
        << each.site << ' ' << each.origin;
  }
}

TEST(SameOrigin, WhatComesTwiceIsNotBelieved) {
  for (const char* name : {"Sec-Fetch-Site", "Origin"}) {
    ExchangeFixture f;
    f.x.tls.on = true;
    f.header("Sec-Fetch-Site", "same-origin").header("Origin", "https://api.example.com");
    EXPECT_EQ(cross_site_fault(f.x, {}), "");
    f.header(name, "same-origin");
    EXPECT_NE(cross_site_fault(f.x, {}), "");
  }
}

TEST(SameOrigin, ThePortIsPartOfAnOriginUnlessItIsTheUsualOne) {
  ExchangeFixture f;
  f.x.tls.on = true;
  EXPECT_EQ(origin_of(f.x), "https://api.example.com");
  f.x.request.authority = "api.example.com:443";
  EXPECT_EQ(origin_of(f.x), "https://api.example.com");
  f.x.request.authority = "api.example.com:8443";
  EXPECT_EQ(origin_of(f.x), "https://api.example.com:8443");
  f.x.tls.on = false;
  f.x.request.authority = "[::1]:80";
  EXPECT_EQ(origin_of(f.x), "http://[::1]");
}

TEST(SameOrigin, ReadingNeedsNoneButAChannelDoes) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    ExchangeFixture f;
    f.request(method, "/");
    EXPECT_FALSE(needs_same_origin(f.x)) << method;
    f.x.request.upgrade_websocket = true;
    EXPECT_TRUE(needs_same_origin(f.x)) << method;
  }
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "PURGE", "get"}) {
    ExchangeFixture f;
    f.request(method, "/");
    EXPECT_TRUE(needs_same_origin(f.x)) << method;
  }
}

TEST(SameOrigin, OnlyBrowsersThatGoToAPageAreSentElsewhere) {
  auto navigates = [](std::string_view method,
                      const std::vector<std::pair<std::string_view, std::string_view>>& headers) {
    ExchangeFixture f;
    f.request(method, "/");
    for (const auto& [name, value] : headers) f.header(name, value);
    return is_navigation(f.x);
  };
  EXPECT_TRUE(navigates("GET", {{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}}));
  EXPECT_TRUE(navigates("GET", {{"Accept", "application/xml;q=0.9, Text/HTML;q=1"}}));
  EXPECT_FALSE(navigates("GET", {{"Sec-Fetch-Mode", "cors"}, {"Accept", "text/html"}}));
  EXPECT_FALSE(navigates("GET", {{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "iframe"}}));
  EXPECT_FALSE(navigates("GET", {{"Accept", "application/json"}}));
  EXPECT_FALSE(navigates("GET", {{"Accept", "*/*"}}));
  EXPECT_FALSE(navigates("GET", {}));
  EXPECT_FALSE(navigates("POST", {{"Sec-Fetch-Mode", "navigate"}, {"Accept", "text/html"}}));
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
