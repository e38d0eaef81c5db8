#include "policies/authenticate/login/cookie_keys.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "policy/exchange_fixture.h"
#include "store/store.h"
#include "store/test_store.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using testing::ExchangeFixture;

store::KeyRing ring(char key) {
  return store::KeyRing(*store::MasterKey::from_text(std::string(64, key), "test"));
}

class CookieKeysTest : public ::testing::Test {
 protected:
  store::TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_ =
      store::must(store::Store::open(folder_.file("db"), store::test_ring()));
};

// Exchanges of one process need not agree on whether there is a store: each finds the same keys
// whatever the others have found before.
TEST_F(CookieKeysTest, AreThoseOfTheConfigurationOrElseOfTheStore) {
  ExchangeFixture with;
  ExchangeFixture without;
  with.x.store = store_.get();
  const CookieKeys configured(ring('a'), "test");
  const CookieKeys kept(std::nullopt, "test");
  EXPECT_EQ(configured.of(with.x), configured.of(without.x));
  EXPECT_NE(configured.of(with.x), nullptr);
  EXPECT_EQ(kept.of(without.x), nullptr);
  EXPECT_NE(kept.of(with.x), nullptr);
  EXPECT_EQ(kept.of(without.x), nullptr) << "though another exchange has some by now";
}

TEST_F(CookieKeysTest, AreMadeOnceByWhicheverWorkerIsFirst) {
  const CookieKeys keys(std::nullopt, "test");
  std::vector<const store::KeyRing*> found(8);
  std::vector<std::thread> workers;
  for (const store::KeyRing*& each : found) {
    workers.emplace_back([&] {
      ExchangeFixture f;
      (void)keys.of(f.x);  // one without a store looks at the same time
      f.x.store = store_.get();
      each = keys.of(f.x);
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (const store::KeyRing* each : found) EXPECT_EQ(each, found.front());
  EXPECT_NE(found.front(), nullptr);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
