#include "store/records/change_log.h"

#include <gmock/gmock.h>

#include "store/database/migrations.h"
#include "store/store.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class ChangeLogTest : public EachDatabase {
 protected:
  void SetUp() override {
    EachDatabase::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    database = open_database();
    must(migrate(*database));
  }
  std::int64_t append(std::string_view node, const ViewChanges& changes) {
    const ChangeLog log(*database);
    return must(log.append(must(log.last()), node, changes));
  }
  ChangeLog::Missed missed(std::int64_t after, std::string_view node) {
    return must(ChangeLog(*database).missed({.after = after, .node = node}));
  }

  std::unique_ptr<Database> database;
};
SALLYPORT_ON_EACH_DATABASE(ChangeLogTest);

TEST_P(ChangeLogTest, NamesWhatOthersChanged) {
  EXPECT_EQ(append("a", {.consumers = {{"c1", std::nullopt}}, .keys = {{"k1", std::nullopt}}}), 2);
  EXPECT_EQ(append("b", {.clients = {{"x", std::nullopt}}}), 3);
  const RevocationKind subject = RevocationKind::subject;
  EXPECT_EQ(append("a", {.revocations = {{{subject, "eve"}, std::nullopt}},
                         .admin_tokens = {{"t", std::nullopt}}}),
            5);
  const ChangeLog::Missed all = missed(0, "b");
  EXPECT_FALSE(all.everything);
  EXPECT_EQ(all.last, 5);
  EXPECT_THAT(all.records.consumers, ElementsAre(Pair("c1", std::nullopt)));
  EXPECT_THAT(all.records.keys, ElementsAre(Pair("k1", std::nullopt)));
  EXPECT_THAT(all.records.clients, IsEmpty());
  EXPECT_THAT(all.records.revocations, ElementsAre(Pair(Pair(subject, "eve"), std::nullopt)));
  EXPECT_THAT(all.records.admin_tokens, ElementsAre(Pair("t", std::nullopt)));
  const ChangeLog::Missed rest = missed(3, "a");
  EXPECT_TRUE(rest.records.empty());
  EXPECT_EQ(rest.last, 5);
}

TEST_P(ChangeLogTest, SaysWhenItNoLongerKnows) {
  append("a", {.consumers = {{"c", std::nullopt}}});
  EXPECT_TRUE(missed(7, "b").everything) << "a backup was put back";
  EXPECT_EQ(missed(7, "b").last, 1);

  ViewChanges many;
  for (int i = 0; i < 9'999; ++i) many.keys[std::to_string(i)] = std::nullopt;
  for (int i = 0; i < 4; ++i) append("a", many);
  EXPECT_TRUE(missed(1, "b").everything) << "the first ones are forgotten";
  const std::int64_t last = must(ChangeLog(*database).last());
  EXPECT_FALSE(missed(last - 9'999, "b").everything);
  EXPECT_EQ(missed(last - 9'999, "b").records.keys.size(), 9'999);
  EXPECT_LE(number(*database, "SELECT count(*) FROM changes"), 20'256);

  for (int i = 0; i < 2; ++i) many.keys["more" + std::to_string(i)] = std::nullopt;
  EXPECT_EQ(append("a", many), last + 1);
  EXPECT_TRUE(missed(last, "b").everything) << "so many are not named";
  EXPECT_FALSE(missed(last, "a").everything) << "those are its own";
}

TEST_P(ChangeLogTest, KindsOfANewerProgramMakeEverythingNew) {
  must(database->run_script("INSERT INTO changes VALUES (1, 'a', 77, 'x')"));
  EXPECT_TRUE(missed(0, "b").everything);
}

TEST_P(ChangeLogTest, UsesOfKeysAreNoChanges) {
  auto store = must(Store::open(source(), test_ring()));
  const IssuedKey key = must(store
                                 ->run([](Session& s) -> Outcome<IssuedKey> {
                                   const Consumer owner = must(s.consumers.create({.name = "a"}));
                                   return s.keys.issue({.consumer = owner.id});
                                 })
                                 .get());
  const std::int64_t before = must(ChangeLog(*database).last());
  EXPECT_EQ(before, 2);
  const std::vector<KeyUse> uses{{.id = key.key.id, .time = 1000}};
  must(store->run([&](Session& s) { return s.keys.note_uses(uses); }).get());
  EXPECT_EQ(must(ChangeLog(*database).last()), before);
}

}  // namespace
}  // namespace sallyport::store
