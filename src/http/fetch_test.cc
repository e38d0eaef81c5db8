#include "http/fetch.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(Fetch, AsksWithoutTlsOnlyTheMachineItself) {
  for (const char* url : {"http://login.example.com/keys", "file:///etc/passwd", ""}) {
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
