#include "jose/mac_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace sallyport::jose {
namespace {

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (char byte : bytes) text::append_hex(out, static_cast<unsigned char>(byte));
  return out;
}

TEST(MacKey, IsThatOfTheVectorsOfRfc4231) {
  struct Case {
    std::string secret, message, sha256, sha512;
  };
  const Case cases[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
       "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
       "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
       "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
       "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
  };
  for (const Case& each : cases) {
    const MacKey short_key = *MacKey::make(MacHash::sha256, each.secret);
    const MacKey long_key = *MacKey::make(MacHash::sha512, each.secret);
    const std::string_view whole = each.message;
    const std::vector<std::vector<std::string_view>> cuts = {
        {whole}, {whole.substr(0, 3), whole.substr(3)}, {"", whole, ""}};
    for (const auto& pieces : cuts) {
      EXPECT_EQ(in_hex(short_key.of(pieces).text()), each.sha256) << each.message;
      EXPECT_EQ(in_hex(long_key.of(pieces).text()), each.sha512) << each.message;
    }
  }
}

TEST(MacKey, NothingIsEqualToNothing) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace sallyport::jose
