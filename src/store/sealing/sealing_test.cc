#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "store/sealing/key_ring.h"
#include "store/sealing/keyed_hash.h"
#include "store/test_store.h"

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(KeyedHash, IsHmacSha256) {
  // RFC 4231, test cases 1 and 2.
  EXPECT_EQ(hex(as_text(KeyedHash(std::string(20, '\x0b'))("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(as_text(KeyedHash("Jefe")("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedHash, AgreesWithOpenSslForAllLengths) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string key(size, static_cast<char>('a' + size % 26));
    const std::string message(200 - size, 'm');
    Hash expected{};
    unsigned written = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_bytes(message), message.size(),
         expected.data(), &written);
    EXPECT_EQ(KeyedHash(key)(message), expected) << size;
  }
}

TEST(MasterKey, IsReadInEveryForm) {
  const std::string plain = hex(test_master().derive("x").bytes());
  const std::string_view forms[] = {
      "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
  };
  for (std::string_view form : forms) {
    auto key = MasterKey::from_text(form, "test");
    ASSERT_TRUE(key) << form;
    EXPECT_EQ(hex(key->derive("x").bytes()), plain);
    EXPECT_EQ(key->id(), test_master().id());
  }
  EXPECT_EQ(test_master().text().view(), kTestKey);
}

TEST(MasterKey, RefusesWhatIsNoneAndDoesNotRepeatIt) {
  for (std::string_view text : {"", "hunter2", "00010203", "zz0102030405060708090a0b0c0d0e0f10",
                                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"}) {
    auto key = MasterKey::from_text(text, "the variable K");
    ASSERT_FALSE(key) << text;
    EXPECT_THAT(key.error(), HasSubstr("the variable K holds no master key"));
    if (!text.empty()) EXPECT_THAT(key.error(), Not(HasSubstr(std::string(text))));
  }
}

TEST(MasterKey, IsReadFromAFileThatOthersCannotRead) {
  const TemporaryFolder folder;
  const std::string path = folder.file("key");
  std::ofstream(path) << kTestKey << "\n";
  ::chmod(path.c_str(), 0644);
  auto open = MasterKey::from_file(path);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error(), HasSubstr("chmod o= " + path));
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(MasterKey::from_file(path)->id(), test_master().id());
  std::string raw(32, '\0');
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<char>(i);
  std::ofstream(path, std::ios::trunc) << raw;
  EXPECT_EQ(MasterKey::from_file(path)->id(), test_master().id());
  EXPECT_THAT(MasterKey::from_file(folder.file("none")).error(), HasSubstr("No such file"));
}

TEST(MasterKey, LeavesTheEnvironment) {
  ::setenv("SALLYPORT_TEST_KEY", std::string(kTestKey).c_str(), 1);
  EXPECT_EQ(MasterKey::from_environment("SALLYPORT_TEST_KEY")->id(), test_master().id());
  EXPECT_EQ(std::getenv("SALLYPORT_TEST_KEY"), nullptr);
  EXPECT_THAT(MasterKey::from_environment("SALLYPORT_TEST_KEY").error(), HasSubstr("is not set"));
}

TEST(MasterKey, DerivesAKeyPerPurpose) {
  const MasterKey key = test_master();
  EXPECT_EQ(key.derive("a").bytes(), key.derive("a").bytes());
  EXPECT_NE(key.derive("a").bytes(), key.derive("b").bytes());
  EXPECT_NE(key.derive("a").bytes(), test_master(kOtherTestKey).derive("a").bytes());
  EXPECT_NE(key.derive("a").bytes(), key.text().view());
}

TEST(KeyRing, OpensWhatItSealed) {
  const KeyRing ring = test_ring();
  for (std::size_t size : {0UZ, 1UZ, 15UZ, 32UZ, 5000UZ}) {
    const std::string secret(size, 's');
    const std::string sealed = ring.seal(secret, "a/b");
    EXPECT_NE(sealed, ring.seal(secret, "a/b"));
    if (size > 1) EXPECT_THAT(sealed, Not(HasSubstr(secret)));
    EXPECT_EQ(must(ring.open(sealed, "a/b")).view(), secret);
  }
}

TEST(KeyRing, RefusesEveryChangedBitAndOtherContexts) {
  const KeyRing ring = test_ring();
  const std::string sealed = ring.seal("secret", "a/b");
  EXPECT_EQ(ring.open(sealed, "a/c").error().kind, ErrorKind::corrupt);
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string changed = sealed;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(ring.open(changed, "a/b")) << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(ring.open(sealed.substr(0, size), "a/b")) << size;
  }
}

TEST(KeyRing, ReadsUnderAFormerKeyAndKnowsIt) {
  const std::string sealed = test_ring().seal("secret", "a/b");
  const KeyRing other(test_master(kOtherTestKey));
  EXPECT_EQ(other.open(sealed, "a/b").error().kind, ErrorKind::refused);
  EXPECT_THAT(other.open(sealed, "a/b").error().text, HasSubstr("former one beside the new one"));
  std::vector<MasterKey> previous;
  previous.push_back(test_master());
  const KeyRing both(test_master(kOtherTestKey), std::move(previous));
  EXPECT_EQ(must(both.open(sealed, "a/b")).view(), "secret");
  EXPECT_TRUE(both.is_stale(sealed));
  EXPECT_FALSE(both.is_stale(both.seal("secret", "a/b")));
}

TEST(KeyRing, ABranchOpensWhatTheSamePurposeSealedAndNothingElse) {
  const KeyRing ring = test_ring();
  const std::string sealed = ring.branch("cookies").seal("secret", "session");
  EXPECT_EQ(ring.branch("cookies").open(sealed, "session")->view(), "secret");
  EXPECT_FALSE(ring.branch("others").open(sealed, "session"));
  EXPECT_FALSE(ring.open(sealed, "session"));
  EXPECT_FALSE(ring.branch("cookies").open(ring.seal("secret", "session"), "session"));
  std::vector<MasterKey> former;
  former.push_back(test_master());
  const KeyRing rotated(MasterKey::random(), std::move(former));
  EXPECT_EQ(rotated.branch("cookies").open(sealed, "session")->view(), "secret");
  EXPECT_TRUE(rotated.branch("cookies").is_stale(sealed));
}

TEST(SecretText, LeavesNothingBehindWhenItMoves) {
  std::string source = "short";
  const char* bytes = source.data();
  SecretText secret(std::move(source));
  EXPECT_EQ(secret.view(), "short");
  EXPECT_NE(std::string_view(bytes, 5), "short");
  SecretText moved(std::move(secret));
  EXPECT_EQ(moved.view(), "short");
  EXPECT_EQ(secret.view(), "");  // NOLINT(bugprone-use-after-move): what is left is the question
}

}  // namespace
}  // namespace sallyport::store
