#include "store/view/caller_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/clock.h"
#include "store/key_text.h"
#include "store/store.h"
#include "store/test_store.h"
#include "store/view/view_builder.h"

namespace sallyport::store {
namespace {

struct Number {
  std::uint64_t id;
  int value;
  [[nodiscard]] std::uint64_t key() const { return id; }
  // Bad on purpose: all in one shard, and many in one place.
  static std::uint64_t hash(std::uint64_t id) { return id % 7 * 0x10000000U; }
};

TEST(ShardedTable, AgreesWithASet) {
  std::map<std::uint64_t, int> expected;
  ShardedTable<Number> table;
  std::uint64_t random = 1;
  for (int round = 0; round < 300; ++round) {
    std::vector<ShardedTable<Number>::Change> changes;
    for (int i = 0; i < 5; ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      const std::uint64_t id = (random >> 33) % 60;
      if ((random >> 60) < 8) {
        changes.emplace_back(Number{.id = id, .value = round});
        expected[id] = round;
      } else {
        changes.emplace_back(std::in_place_index<1>, id);
        expected.erase(id);
      }
    }
    table.apply(std::move(changes));
    ASSERT_EQ(table.size(), expected.size());
    for (std::uint64_t id = 0; id < 60; ++id) {
      const Number* found = table.find(id);
      ASSERT_EQ(found != nullptr, expected.contains(id)) << id;
      if (found != nullptr) ASSERT_EQ(found->value, expected[id]);
    }
  }
}

TEST(ShardedTable, ACopyIsNotChanged) {
  ShardedTable<Number> table;
  table.apply({Number{.id = 1, .value = 1}});
  ShardedTable<Number> copy = table;
  copy.apply({Number{.id = 1, .value = 2}, Number{.id = 2, .value = 2}});
  EXPECT_EQ(table.find(1)->value, 1);
  EXPECT_EQ(table.find(2), nullptr);
  EXPECT_EQ(copy.find(1)->value, 2);
}

TEST(CallerDirectory, KeepsDirectoriesApartOnOneThread) {
  const auto view = [] { return ViewBuilder(std::make_shared<KeyedHash>("k")).view(); };
  const auto a = view();
  const auto b = view();
  CallerDirectory first(a);
  const CallerDirectory second(b);
  EXPECT_EQ(first.view().get(), a.get());
  EXPECT_EQ(second.view().get(), b.get());
  EXPECT_EQ(first.view().get(), a.get());
  first.publish(b);
  EXPECT_EQ(first.view().get(), b.get());
}

TEST(CallerDirectory, AKeptViewOutlivesItsDirectory) {
  std::shared_ptr<const CallerView> kept;
  {
    CallerDirectory directory(ViewBuilder(std::make_shared<KeyedHash>("k")).view());
    kept = directory.view();
    directory.publish(ViewBuilder(std::make_shared<KeyedHash>("k")).view());
  }
  EXPECT_EQ(kept->find_key("x", 0).verdict, KeyVerdict::malformed);
}

// Readers on several threads while one writer issues and revokes: what was acknowledged as revoked
// is good nowhere, and what was not touched is good everywhere.
TEST(CallerDirectory, EveryThreadSeesARevocationAtOnce) {
  constexpr int kRounds = 40;
  const TemporaryFolder folder;
  auto store = must(Store::open(folder.file("db"), test_ring()));
  const Consumer owner =
      must(store->run([](Session& s) { return s.consumers.create({.name = "acme"}); }).get());
  std::vector<IssuedKey> keys;
  for (int i = 0; i <= kRounds; ++i) {
    keys.push_back(
        must(store->run([&](Session& s) { return s.keys.issue({.consumer = owner.id}); }).get()));
  }
  const IssuedKey& stays = keys.back();
  std::atomic<int> revoked{0};  // the keys before this one are
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      for (int i = 0; !done; ++i) {
        const int sure = revoked;
        const std::int64_t now = wall_milliseconds();
        const std::shared_ptr<const CallerView> view = store->callers().view();
        if (view->find_key(stays.text.view(), now).verdict != KeyVerdict::good) ++wrong;
        if (sure == 0) continue;
        const auto past = static_cast<std::size_t>(i % sure);
        if (view->find_key(keys[past].text.view(), now).verdict != KeyVerdict::revoked) ++wrong;
      }
    });
  }
  for (int i = 0; i < kRounds; ++i) {
    const std::string id = keys[static_cast<std::size_t>(i)].key.id;
    must(store->run([&](Session& s) { return s.keys.revoke(id); }).get());
    revoked = i + 1;
    must(
        store
            ->run([&](Session& s) { return s.consumers.create({.name = "c" + std::to_string(i)}); })
            .get());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace sallyport::store
