#include "http/fetch.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(Fetch, AsksWithoutTlsOnlyTheMachineItself) {
  for (const char* url : {"https://login.example.com/keys", "https://login.example.com",
                          "http://127.0.0.1:9000/keys", "http://[::1]/keys", "http://localhost/"}) {
    EXPECT_TRUE(may_be_fetched(url)) << url;
  }
  for (const char* url : {"http://login.example.com/keys", "http://127.0.0.1@login.example.com/",
                          "http://127.0.0.1.x/", "http://localhost.example.com/",
                          "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "https:///keys",
                          "https://user@login.example.com/", "", "login.example.com"}) {
    EXPECT_FALSE(may_be_fetched(url)) << url;
    EXPECT_FALSE(fetch(url)) << url;
  }
}

TEST(Fetch, SaysWhichServerDoesNotAnswer) {
  const auto nobody = fetch("http://127.0.0.1:1/keys");
  ASSERT_FALSE(nobody);
  EXPECT_TRUE(nobody.error().starts_with("http://127.0.0.1:1/keys: ")) << nobody.error();
}

}  // namespace
}  // namespace sallyport::http
