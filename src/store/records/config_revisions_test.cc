#include "store/records/config_revisions.h"

#include <gmock/gmock.h>

#include "store/database/sqlite_database.h"
#include "store/store.h"
#include "store/test_store.h"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConfigRevisionsTest : public ::testing::Test {
 protected:
  ConfigRevisionsTest() { open(test_ring()); }
  void open(KeyRing ring) {
    store.reset();
    store = must(Store::open(folder.file("db"), std::move(ring)));
  }
  Outcome<ConfigRevision> try_add(ConfigRevision revision, const std::string& text,
                                  const RevisionBounds& bounds = {}) {
    return store->run([=](Session& s) { return s.config_revisions.add(revision, text, bounds); })
        .get();
  }
  std::int64_t add(const std::string& text, const std::string& node = "n", std::int64_t loaded = 1,
                   const RevisionBounds& bounds = {}) {
    return must(try_add({.node = node, .loaded = loaded, .actor = "watch"}, text, bounds)).number;
  }
  std::vector<std::int64_t> numbers(const std::string& node = "n") {
    std::vector<std::int64_t> found;
    for (const ConfigRevision& each :
         must(store->run([&](Session& s) { return s.config_revisions.list(node); }).get())) {
      found.push_back(each.number);
    }
    return found;
  }
  std::string text(std::int64_t number, const std::string& node = "n") {
    auto found =
        store->run([&](Session& s) { return s.config_revisions.text(node, number); }).get();
    return found ? std::string(found->view()) : found.error().text;
  }

  TemporaryFolder folder;
  std::unique_ptr<Store> store;
};

TEST_F(ConfigRevisionsTest, KeepsEachWithItsText) {
  const ConfigRevision wanted{.node = "n",
                              .number = 4,
                              .loaded = 77,
                              .actor = "token/X",
                              .why = "asked",
                              .file = "/etc/s.yaml",
                              .fingerprint = "abc",
                              .warnings = 2};
  const ConfigRevision made = must(try_add(wanted, "listen: 1\n"));
  EXPECT_EQ(made.number, 4);
  const ConfigRevision read =
      must(store->run([](Session& s) { return s.config_revisions.get("n", 4); }).get());
  EXPECT_EQ(read.loaded, 77);
  EXPECT_EQ(read.actor, "token/X");
  EXPECT_EQ(read.why, "asked");
  EXPECT_EQ(read.file, "/etc/s.yaml");
  EXPECT_EQ(read.fingerprint, "abc");
  EXPECT_EQ(read.warnings, 2);
  EXPECT_EQ(read.size, 10);
  EXPECT_EQ(text(4), "listen: 1\n");
  EXPECT_EQ(text(3), "there is no revision 3");
}

TEST_F(ConfigRevisionsTest, CountsUpFromTheNewestAndNotForTheSameText) {
  EXPECT_EQ(add("a"), 1);
  EXPECT_EQ(add("a"), 1);
  EXPECT_EQ(add("b"), 2);
  EXPECT_EQ(add("a"), 3) << "an older text is not the newest one";
  EXPECT_EQ(must(try_add({.node = "n", .number = 2}, "c")).number, 4) << "2 is taken";
  EXPECT_THAT(numbers(), ElementsAre(4, 3, 2, 1));
}

TEST_F(ConfigRevisionsTest, KeepsNodesApart) {
  EXPECT_EQ(add("a", "one"), 1);
  EXPECT_EQ(add("b", "two"), 1);
  EXPECT_EQ(text(1, "one"), "a");
  EXPECT_EQ(text(1, "two"), "b");
  EXPECT_THAT(numbers("one"), ElementsAre(1));
}

TEST_F(ConfigRevisionsTest, ForgetsTheOldestPastItsBounds) {
  for (const char* each : {"a", "b", "c", "d"}) add(each, "n", 1, {.revisions = 2});
  EXPECT_THAT(numbers(), ElementsAre(4, 3));
  add(std::string(60, 'e'), "n", 1, {.revisions = 9, .bytes = 62});
  EXPECT_THAT(numbers(), ElementsAre(5, 4, 3));
  add(std::string(100, 'f'), "n", 1, {.bytes = 62});
  EXPECT_THAT(numbers(), ElementsAre(6)) << "the one in force stays, however long it is";
}

TEST_F(ConfigRevisionsTest, ForgetsNodesThatLoadedNothingForTheLongestTime) {
  add("a", "gone", 10);
  add("b", "alive", 20);
  add("c", "own", 5, {.revisions_in_all = 2});
  EXPECT_THAT(numbers("gone"), ElementsAre(1)) << "two newer ones are as many as may be";
  add("d", "own", 30, {.revisions_in_all = 2});
  EXPECT_THAT(numbers("gone"), ElementsAre());
  EXPECT_THAT(numbers("alive"), ElementsAre(1));
  EXPECT_THAT(numbers("own"), ElementsAre(2, 1)) << "a node's own are not for others to forget";
}

TEST_F(ConfigRevisionsTest, SealsTextsAndSealsThemAnew) {
  add("# the password was hunter2\n");
  store.reset();
  auto database = must(open_sqlite({.path = folder.file("db")}));
  must(database->query("SELECT sealed FROM config_revisions", {}, [](const Row& row) {
    EXPECT_THAT(std::string(row.text(0)), ::testing::Not(HasSubstr("hunter2")));
  }));
  database.reset();
  std::vector<MasterKey> former;
  former.push_back(test_master());
  open(KeyRing(test_master(kOtherTestKey), std::move(former)));
  EXPECT_EQ(must(store->run([](Session& s) { return s.reseal(); }).get()), 2U);
  open(KeyRing(test_master(kOtherTestKey)));
  EXPECT_EQ(text(1), "# the password was hunter2\n");
}

TEST_F(ConfigRevisionsTest, ATextThatWasMovedToAnotherRevisionDoesNotOpen) {
  add("a");
  add("b");
  store.reset();
  auto database = must(open_sqlite({.path = folder.file("db")}));
  must(
      database->execute("UPDATE config_revisions SET sealed = "
                        "(SELECT sealed FROM config_revisions WHERE number = 1)",
                        {}));
  database.reset();
  open(test_ring());
  EXPECT_EQ(text(1), "a");
  EXPECT_THAT(text(2), HasSubstr("belongs to another record"));
  EXPECT_EQ(add("c"), 3) << "the next one is kept all the same";
}

}  // namespace
}  // namespace sallyport::store
