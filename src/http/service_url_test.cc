#include "http/service_url.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(ServiceUrl, OnlyTheMachineItselfIsAskedWithoutTls) {
  for (const char* url : {"https://login.example.com/keys", "https://login.example.com",
                          "http://127.0.0.1:9000/keys", "http://[::1]/keys", "http://localhost/"}) {
    EXPECT_TRUE(may_be_fetched(url)) << url;
  }
  for (const char* url : {"http://login.example.com/keys",
                          "http://127.0.0.1@login.example.com/",
                          "http://127.0.0.1.x/",
                          "http://localhost.example.com/",
                          "http://0x7f.1/",
                          "http://127.0.0.1\\@login.example.com/",
                          "http://[::1",
                          "http://[::1]x/",
                          "ftp://127.0.0.1/",
                          "file:///etc/passwd",
                          "https://",
                          "https:///keys",
                          "https://a:0/",
                          "https://a:65536/",
                          "https://a:b/",
                          "https://a:/",
                          "https://a b/",
                          "https://a/\n",
                          "https://user@login.example.com/",
                          "",
                          "login.example.com"}) {
    EXPECT_FALSE(may_be_fetched(url)) << url;
  }
  EXPECT_TRUE(may_be_fetched("http://authz.internal:8080/", true));
  EXPECT_FALSE(may_be_fetched("ftp://authz.internal/", true));
}

TEST(ServiceUrl, KnowsWhereItLeads) {
  struct Case {
    const char* url;
    const char* origin;
    const char* host;
    std::uint16_t port;
  };
  for (const Case& c : {Case{"https://a.example/x?y", "https://a.example", "a.example", 443},
                        Case{"http://a.example:81#z", "http://a.example:81", "a.example", 81},
                        Case{"http://[::1]:8080", "http://[::1]:8080", "::1", 8080},
                        Case{"http://[::1]/", "http://[::1]", "::1", 80}}) {
    const auto to = destination_of(c.url);
    ASSERT_TRUE(to) << c.url;
    EXPECT_EQ(to->origin, c.origin);
    EXPECT_EQ(to->host, c.host);
    EXPECT_EQ(to->port, c.port);
  }
}

}  // namespace
}  // namespace sallyport::http
