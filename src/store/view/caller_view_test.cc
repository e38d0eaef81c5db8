#include "store/view/caller_view.h"

#include <gtest/gtest.h>

#include <string>

#include "store/key_text.h"
#include "store/view/view_builder.h"

namespace sallyport::store {
namespace {

// A consumer with one key, whose text was accepted once already.
class CallerViewTest : public ::testing::Test {
 protected:
  CallerViewTest() {
    changes_.consumers[consumer_] = Consumer{.id = consumer_, .name = "ada", .roles = {"reader"}};
    put_key(PresentedKey::parse(text_.view())->hash(*hash_));
    EXPECT_EQ(verdict(text_.view()), KeyVerdict::good);
  }

  void put_key(const Hash& stored, std::optional<std::int64_t> revoked = std::nullopt) {
    changes_.keys[id_] =
        ApiKey{.id = id_, .consumer = consumer_, .secret_hash = stored, .revoked = revoked};
    (void)builder_.next(changes_);
  }
  [[nodiscard]] KeyVerdict verdict(std::string_view text) const {
    return builder_.view()->find_key(text, 1'000'000).verdict;
  }

  const std::shared_ptr<const KeyedHash> hash_ =
      std::make_shared<const KeyedHash>(std::string(32, 'k'));
  ViewBuilder builder_{hash_};
  ViewChanges changes_;
  const std::string consumer_ = PublicId::random().text();
  const SecretText text_ = PresentedKey::random().text();
  const std::string id_ = PresentedKey::id_of(text_.view())->text();
};

TEST_F(CallerViewTest, AKeyThatWasProvenOnceIsGoodAgainInLaterViews) {
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::good);
  const FoundKey found = builder_.view()->find_key(text_.view(), 1'000'000);
  EXPECT_EQ(found.consumer->name, "ada");
  ASSERT_EQ(found.consumer->role_views.size(), 1U);
  EXPECT_EQ(found.consumer->role_views[0], "reader");
  (void)builder_.next(changes_);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::good);
}

TEST_F(CallerViewTest, AnotherSecretOfAProvenKeyIsRefusedWhereverItDiffers) {
  for (std::size_t i = kKeyPrefix.size() + PublicId::kTextSize + 1; i < kKeyTextSize; ++i) {
    std::string other(text_.view());
    other[i] = other[i] == 'A' ? 'Q' : 'A';
    EXPECT_NE(verdict(other), KeyVerdict::good) << i;
  }
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::good);
}

TEST_F(CallerViewTest, AProvenKeyIsRefusedOnceItIsRevoked) {
  put_key(PresentedKey::parse(text_.view())->hash(*hash_), 5);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::revoked);
}

TEST_F(CallerViewTest, AProvenKeyIsRefusedOnceAnotherHashIsStoredForItsId) {
  Hash other = PresentedKey::parse(text_.view())->hash(*hash_);
  other[0] ^= 1;
  put_key(other);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::wrong_secret);
}

TEST_F(CallerViewTest, AKeyFollowsItsConsumerThoughItStaysAsItIs) {
  ViewChanges renamed;
  renamed.consumers[consumer_] = Consumer{.id = consumer_, .name = "eve", .roles = {"writer"}};
  (void)builder_.next(renamed);
  const FoundKey found = builder_.view()->find_key(text_.view(), 1'000'000);
  ASSERT_EQ(found.verdict, KeyVerdict::good);
  EXPECT_EQ(found.consumer->name, "eve");
  EXPECT_EQ(found.consumer->role_views[0], "writer");

  ViewChanges disabled;
  disabled.consumers[consumer_] = Consumer{.id = consumer_, .name = "eve", .disabled = true};
  (void)builder_.next(disabled);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::disabled);

  ViewChanges gone;
  gone.consumers[consumer_] = std::nullopt;
  (void)builder_.next(gone);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::no_consumer);
}

TEST_F(CallerViewTest, AKeyFollowsTheConsumerItWasGivenTo) {
  const std::string other = PublicId::random().text();
  changes_.consumers[other] = Consumer{.id = other, .name = "eve"};
  changes_.keys[id_]->consumer = other;
  (void)builder_.next(changes_);
  ViewChanges former;
  former.consumers[consumer_] = std::nullopt;
  (void)builder_.next(former);
  const FoundKey found = builder_.view()->find_key(text_.view(), 1'000'000);
  ASSERT_EQ(found.verdict, KeyVerdict::good);
  EXPECT_EQ(found.consumer->name, "eve");
}

TEST_F(CallerViewTest, AKeyThatIsGoneIsUnknownThoughItWasProven) {
  changes_.keys[id_] = std::nullopt;
  (void)builder_.next(changes_);
  EXPECT_EQ(verdict(text_.view()), KeyVerdict::unknown);
}

}  // namespace
}  // namespace sallyport::store
