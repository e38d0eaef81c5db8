#include "store/sealing/password_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;

constexpr PasswordHash::Cost kCheap{.log_n = 10, .r = 1, .p = 1};

TEST(PasswordHash, KnowsItsPasswordAndNoOther) {
  const PasswordHash hash = PasswordHash::of("correct horse", kCheap);
  EXPECT_TRUE(hash.matches("correct horse"));
  EXPECT_FALSE(hash.matches("correct horsf"));
  EXPECT_FALSE(hash.matches("correct horse "));
  EXPECT_FALSE(hash.matches(""));
  const auto read = PasswordHash::parse(hash.text());
  ASSERT_TRUE(read) << read.error();
  EXPECT_TRUE(read->matches("correct horse"));
  EXPECT_FALSE(read->matches("another"));
  EXPECT_NE(PasswordHash::of("correct horse", kCheap).text(), hash.text());
  EXPECT_FALSE(PasswordHash::of_nobody(kCheap).matches(""));
}

// RFC 7914 section 12, with the first 32 bytes asked for: scrypt's output of a shorter length is
// the beginning of that of a longer one.
TEST(PasswordHash, ComputesTheVectorsOfTheStandard) {
  const auto hash = PasswordHash::parse(
      "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI");
  ASSERT_TRUE(hash) << hash.error();
  EXPECT_TRUE(hash->matches("password"));
  EXPECT_FALSE(hash->matches("Password"));
}

TEST(PasswordHash, RefusesWhatIsNoneAndWhatCostsTooMuch) {
  const std::string salt = "AAAAAAAAAAAAAAAAAAAAAA";
  const std::string hash(43, 'A');
  const std::pair<std::string, std::string> cases[] = {
      {"", "is no hash of a password"},
      {"hunter2", "is no hash of a password"},
      {"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA", "argon2"},
      {"$scrypt$", "is not written as"},
      {"$scrypt$ln=15,r=8,p=1$" + salt, "is not written as"},
      {"$scrypt$ln=15,r=8,p=1$" + salt + "$" + hash + "$", "is not written as"},
      {"$scrypt$ln=15,r=8,p=1$" + salt + "$" + hash + "=", "is not written as"},
      {"$scrypt$ln=15,r=8,p=1$$" + hash, "is not written as"},
      {"$scrypt$ln=15,r=8,p=1,x=1$" + salt + "$" + hash, "is not written as"},
      {"$scrypt$r=8,ln=15,p=1$" + salt + "$" + hash, "is not written as"},
      {"$scrypt$ln=-15,r=8,p=1$" + salt + "$" + hash, "is not written as"},
      {"$scrypt$ln=15,r=8,p=1$" + salt + "$" + hash.substr(1), "is not written as"},
      {"$scrypt$ln=18,r=8,p=1$" + salt + "$" + hash, "128 MiB"},
      {"$scrypt$ln=64,r=8,p=1$" + salt + "$" + hash, "128 MiB"},
      {"$scrypt$ln=15,r=8,p=17$" + salt + "$" + hash, "16 rounds"},
      {"$scrypt$ln=9,r=8,p=1$" + salt + "$" + hash, "too cheap"},
      {"$scrypt$ln=15,r=0,p=1$" + salt + "$" + hash, "too cheap"},
  };
  for (const auto& [text, said] : cases) {
    const auto read = PasswordHash::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error(), HasSubstr(said)) << text;
    EXPECT_THAT(read.error(), ::testing::Not(HasSubstr("hunter2")));
  }
  EXPECT_TRUE(PasswordHash::parse("$scrypt$ln=15,r=8,p=3$" + salt + "$" + hash));
}

}  // namespace
}  // namespace sallyport::store
