#include "policies/authenticate/token/own_token.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "policy/exchange_fixture.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using store::RevocationKind;

constexpr std::string_view kConsumer = "AAAAAAAAAAAAAAAA";

class OwnTokens : public ::testing::Test {
 protected:
  OwnTokens() {
    changes_.consumers[std::string(kConsumer)] = consumer_;
    changes_.clients["web"] = client_;
    publish();
    f_.x.callers = &callers_;
  }

  void publish() { callers_.publish(builder_.next(changes_)); }
  void revoke(RevocationKind kind, const std::string& value, std::int64_t created) {
    changes_.revocations[{kind, value}] =
        store::Revocation{.kind = kind, .value = value, .created = created, .until = now_ + 60'000};
    publish();
  }
  std::string judged(const OwnToken& token) {
    identity_ = Identity{};
    return std::string(take_own_token(token, f_.x, identity_));
  }

  const std::int64_t now_ = wall_milliseconds();
  const OwnToken token_{.id = "t1", .client = "web", .subject = "web", .issued = now_ - 5000};
  store::Consumer consumer_{.id = std::string(kConsumer),
                            .name = "shop",
                            .groups = {"partners"},
                            .roles = {"buyer", "clerk"}};
  store::Client client_{.id = "web", .consumer = std::string(kConsumer)};
  store::ViewChanges changes_;
  store::ViewBuilder builder_{std::make_shared<const store::KeyedHash>(
      std::string_view("0123456789abcdef0123456789abcdef"))};
  store::CallerDirectory callers_{builder_.view()};
  testing::ExchangeFixture f_;
  Identity identity_;
};

TEST_F(OwnTokens, CountAndBringWhatTheStoreKnowsOfTheConsumer) {
  EXPECT_EQ(judged(token_), "");
  EXPECT_EQ(identity_.consumer, "shop");
  ASSERT_EQ(identity_.roles.size(), 2U);
  EXPECT_EQ(identity_.roles[1], "clerk");
  ASSERT_EQ(identity_.groups.size(), 1U);
  EXPECT_EQ(identity_.groups[0], "partners");
}

TEST_F(OwnTokens, OutliveTheRecordTheyWereReadFrom) {
  ASSERT_EQ(judged(token_), "");
  consumer_.name = "other";
  changes_.consumers[std::string(kConsumer)] = consumer_;
  publish();
  (void)callers_.view();
  EXPECT_EQ(identity_.consumer, "shop");
}

TEST_F(OwnTokens, AreRefusedOnceTheyAreRevoked) {
  revoke(RevocationKind::token, "t2", now_);
  EXPECT_EQ(judged(token_), "");
  revoke(RevocationKind::token, "t1", now_ - 60'000);
  EXPECT_EQ(judged(token_), "the token was revoked");
}

TEST_F(OwnTokens, AreRefusedWhenTheyWereIssuedBeforeTheirClientWasRevoked) {
  revoke(RevocationKind::client, "web", token_.issued - 1);
  EXPECT_EQ(judged(token_), "");
  revoke(RevocationKind::client, "web", token_.issued);
  EXPECT_NE(judged(token_), "");
}

TEST_F(OwnTokens, AreRefusedWhenTheyWereIssuedBeforeTheirSubjectWasRevoked) {
  revoke(RevocationKind::subject, "web", token_.issued);
  EXPECT_NE(judged(token_), "");
}

TEST_F(OwnTokens, AreRefusedOfWhoIsDisabledOrGone) {
  client_.disabled = true;
  changes_.clients["web"] = client_;
  publish();
  EXPECT_EQ(judged(token_), "its client is disabled or gone");
  changes_.clients["web"] = std::nullopt;
  publish();
  EXPECT_EQ(judged(token_), "its client is disabled or gone");
  client_.disabled = false;
  changes_.clients["web"] = client_;
  consumer_.disabled = true;
  changes_.consumers[std::string(kConsumer)] = consumer_;
  publish();
  EXPECT_EQ(judged(token_), "its consumer is disabled or gone");
}

TEST_F(OwnTokens, AreRefusedWithoutAStoreAndWithoutAClient) {
  EXPECT_NE(judged({.id = "t1", .client = "", .subject = "web", .issued = now_}), "");
  f_.x.callers = nullptr;
  EXPECT_NE(judged(token_), "");
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
