#include "store/key_text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace sallyport::store {
namespace {

const std::string kId = "ABCDEFGHIJKLMNOP";
const std::string kSecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

TEST(KeyText, ComesBackAsItWasWritten) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const SecretText text = PresentedKey::random().text();
    ASSERT_EQ(text.view().size(), kKeyTextSize);
    auto parsed = PresentedKey::parse(text.view());
    ASSERT_TRUE(parsed) << text.view();
    EXPECT_EQ(parsed->text().view(), text.view());
    EXPECT_TRUE(seen.emplace(text.view()).second);
  }
}

TEST(KeyText, IsReadAsDocumented) {
  auto parsed = PresentedKey::parse("spk_" + kId + "." + kSecret);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id().text(), kId);
  EXPECT_EQ(parsed->text().view(), "spk_" + kId + "." + kSecret);
}

TEST(KeyText, HasOneSpelling) {
  const std::vector<std::string> hostile = {
      "",
      ".",
      "spk_",
      "spk_.",
      kSecret,
      "spk_" + kId + kSecret,
      "spk_" + kId + "." + kSecret + " ",
      " spk_" + kId + "." + kSecret,
      "spk_" + kId + "." + kSecret + "=",
      "SPK_" + kId + "." + kSecret,
      "spk-" + kId + "." + kSecret,
      "spk_" + kId + ":" + kSecret,
      "spk_abcdefghijklmnop." + kSecret,                 // lower case
      "spk_ABCDEFGHIJKLMNO0." + kSecret,                 // no digit of base32
      "spk_ABCDEFGHIJKLMNO." + kSecret + "A",            // point one earlier
      "spk_" + kId + "." + kSecret.substr(0, 42),        // short
      "spk_" + kId + "." + kSecret.substr(0, 42) + "9",  // bits that carry nothing
      "spk_" + kId + "." + kSecret.substr(0, 42) + "+",  // the other alphabet
      "spk_" + kId + "." + kSecret.substr(0, 42) + "\n",
      "spk_" + kId + "." + kSecret.substr(0, 42) + std::string(1, '\0'),
      "spk_" + kId.substr(0, 15) + std::string(1, '\0') + "." + kSecret,
      "spk_" + kId.substr(0, 15) + "\xFF." + kSecret,
      std::string(64, '\xFF'),
      std::string(1 << 20, 'A'),
  };
  for (const std::string& text : hostile) EXPECT_FALSE(PresentedKey::parse(text)) << text;
}

TEST(KeyText, AnyChangedCharacterIsAnotherKeyOrNone) {
  const KeyedHash keyed(std::string(32, 'k'));
  const std::string text = "spk_" + kId + "." + kSecret;
  const Hash hash = PresentedKey::parse(text)->hash(keyed);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[i] = static_cast<char>(c);
      if (other == text) continue;
      auto parsed = PresentedKey::parse(other);
      if (parsed) EXPECT_FALSE(equal_in_constant_time(parsed->hash(keyed), hash)) << other;
    }
  }
}

TEST(KeyText, IsGoodForOnePurposeOnly) {
  const KeyedHash keyed(std::string(32, 'k'));
  const std::string rest = kId + "." + kSecret;
  EXPECT_FALSE(PresentedKey::parse("spa_" + rest));
  EXPECT_FALSE(PresentedKey::parse("spk_" + rest, kAdminTokenPrefix));
  auto token = PresentedKey::parse("spa_" + rest, kAdminTokenPrefix);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text().view(), "spa_" + rest);
  EXPECT_FALSE(
      equal_in_constant_time(token->hash(keyed), PresentedKey::parse("spk_" + rest)->hash(keyed)));
}

TEST(PublicId, ComesBackAsItWasWritten) {
  for (int i = 0; i < 1000; ++i) {
    const PublicId id = PublicId::random();
    EXPECT_EQ(PublicId::parse(id.text()), id);
  }
  EXPECT_EQ(PublicId().text(), "AAAAAAAAAAAAAAAA");
  EXPECT_EQ(PublicId::parse("ABCDEFGHIJKLMNOP")->text(), "ABCDEFGHIJKLMNOP");
}

}  // namespace
}  // namespace sallyport::store
