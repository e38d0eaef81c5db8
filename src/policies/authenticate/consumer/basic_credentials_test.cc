#include "policies/authenticate/consumer/basic_credentials.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"

namespace sallyport::policies::authenticate_detail {
namespace {

TEST(BasicCredentials, AreUserAndPassword) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"Aladdin:open sesame", "Aladdin", "open sesame"},  // RFC 7617 section 2
      {"a:b:c", "a", "b:c"},
      {":", "", ""},
      {"a:", "a", ""},
      {":b", "", "b"},
      {"test:123\xC2\xA3", "test", "123\xC2\xA3"},  // RFC 7617 section 2.1
  };
  for (const auto& [both, user, password] : cases) {
    BasicCredentials credentials;
    ASSERT_TRUE(credentials.parse(base64_encode(both))) << both;
    EXPECT_EQ(credentials.user(), user);
    EXPECT_EQ(credentials.password(), password);
  }
}

TEST(BasicCredentials, AreOfOneSpelling) {
  const std::string cases[] = {
      "",
      "=",
      "====",
      "QTpi",  // "A:b" is good, and here for the eye
      "QTpiYw=",
      "QTpiYw",
      "QTpiYw===",
      "QTpiYw==QTpi",  // padding
      "QTpiYx==",
      "QTpi Yw==",
      "QTpi\nYw==",
      "QTpi*w==",  // bits left over, other characters
      "QTp-Yw==",
      "QTp_Yw==",  // the other alphabet
      base64_encode("no colon"),
      base64_encode("a:b\n"),
      base64_encode(std::string("a:\0b", 4)),
      base64_encode("a:\x7F"),
      base64_encode(std::string(513, ':')),
      std::string(100'000, 'A'),
  };
  for (const std::string& text : cases) {
    BasicCredentials credentials;
    EXPECT_EQ(credentials.parse(text), text == "QTpi") << text.substr(0, 80);
  }
  BasicCredentials longest;
  EXPECT_TRUE(longest.parse(base64_encode(std::string(512, ':'))));
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
