#include "store/records/admin_tokens.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/key_text.h"
#include "store/store.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using namespace std::chrono_literals;

class AdminTokensTest : public EachDatabase {
 protected:
  void SetUp() override {
    EachDatabase::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) open();
  }
  void open() {
    store.reset();
    store = must(Store::open(source(), test_ring(), {.tick = 10ms}));
  }
  IssuedAdminToken issue(AdminToken wanted) {
    return must(store->run([wanted](Session& s) { return s.admin_tokens.issue(wanted); }).get());
  }
  AdminToken revoke(const std::string& id) {
    return must(store->run([id](Session& s) { return s.admin_tokens.revoke(id); }).get());
  }
  std::uint64_t admins(std::int64_t until = 0) {
    return must(
        store->run([until](Session& s) { return s.admin_tokens.count_admins(until); }).get());
  }
  FoundAdminToken find(std::string_view text, std::int64_t later = 0) {
    return store->callers().view()->find_admin_token(text, wall_milliseconds() + later);
  }

  std::unique_ptr<Store> store;
};

SALLYPORT_ON_EACH_DATABASE(AdminTokensTest);

TEST_P(AdminTokensTest, AreFoundByTheirTextAloneAlsoAfterAReopening) {
  const IssuedAdminToken made = issue({.name = "ada", .role = AdminRole::security});
  EXPECT_TRUE(made.text.view().starts_with("spa_" + made.token.id + "."));
  open();
  const FoundAdminToken found = find(made.text.view());
  EXPECT_EQ(found.verdict, KeyVerdict::good);
  ASSERT_NE(found.token, nullptr);
  EXPECT_EQ(*found.token, made.token);

  std::string wrong(made.text.view());
  wrong[30] = wrong[30] == 'A' ? 'B' : 'A';
  EXPECT_EQ(find(wrong).verdict, KeyVerdict::wrong_secret);
  EXPECT_EQ(find(wrong).token, nullptr);
  EXPECT_EQ(find(PresentedKey::random(kAdminTokenPrefix).text().view()).verdict,
            KeyVerdict::unknown);
  EXPECT_EQ(find(PresentedKey::random().text().view()).verdict, KeyVerdict::malformed);
  EXPECT_EQ(find("").verdict, KeyVerdict::malformed);
}

TEST_P(AdminTokensTest, EndByRevocationAndInTime) {
  const IssuedAdminToken made = issue({.name = "ada", .expires = wall_milliseconds() + 3'600'000});
  EXPECT_EQ(find(made.text.view()).verdict, KeyVerdict::good);
  EXPECT_EQ(find(made.text.view(), 3'600'000).verdict, KeyVerdict::expired);
  const AdminToken revoked = revoke(made.token.id);
  EXPECT_TRUE(revoked.revoked);
  EXPECT_EQ(find(made.text.view()).verdict, KeyVerdict::revoked);
  EXPECT_EQ(revoke(made.token.id), revoked);

  auto past = store
                  ->run([](Session& s) {
                    return s.admin_tokens.issue({.name = "late", .expires = s.now()});
                  })
                  .get();
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ErrorKind::invalid);
}

TEST_P(AdminTokensTest, CountThoseWhoMayMakeOthers) {
  EXPECT_EQ(admins(), 0U);
  issue({.name = "reader", .role = AdminRole::viewer});
  issue({.name = "guard", .role = AdminRole::security});
  EXPECT_EQ(admins(), 0U);
  const std::int64_t end = wall_milliseconds() + 3'600'000;
  issue({.name = "short", .role = AdminRole::admin, .expires = end});
  const IssuedAdminToken lasting = issue({.name = "lasting", .role = AdminRole::admin});
  EXPECT_EQ(admins(), 2U);
  EXPECT_EQ(admins(end), 1U);
  revoke(lasting.token.id);
  EXPECT_EQ(admins(), 1U);
}

}  // namespace
}  // namespace sallyport::store
