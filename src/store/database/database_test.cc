// What every Database does alike.
#include "store/database/database.h"

#include <gmock/gmock.h>

#include <limits>

#include "store/database/migrations.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatabaseTest : public EachDatabase {};
SALLYPORT_ON_EACH_DATABASE(DatabaseTest);

TEST_P(DatabaseTest, KeepsValuesOfEveryKind) {
  auto database = open_database();
  must(database->run_script("CREATE TABLE t (a BIGINT, b TEXT, c BYTEA, d TEXT, e BYTEA)"));
  const std::string bytes("\0\xFF'\n", 4);
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t each : {std::int64_t{-5}, std::int64_t{0}, kLeast, ~kLeast}) {
    must(database->execute(
        "INSERT INTO t (a, b, d, c, e) VALUES ($1, $2, $4, $3, $5)",
        {each, std::string_view("x'y\\ ä"), Bytes{bytes}, nullptr, Bytes{std::string_view()}}));
  }
  std::vector<std::int64_t> numbers;
  must(database->query("SELECT a, b, c, d, e FROM t", {}, [&](const Row& row) {
    numbers.push_back(row.integer(0));
    EXPECT_EQ(row.text(1), "x'y\\ ä");
    EXPECT_EQ(row.text(2), bytes);
    EXPECT_TRUE(row.is_null(3));
    EXPECT_FALSE(row.is_null(2));
    EXPECT_EQ(row.optional_integer(3), std::nullopt);
    EXPECT_EQ(row.text(4), "");
    EXPECT_FALSE(row.is_null(4));
  }));
  EXPECT_THAT(numbers, ElementsAre(-5, 0, kLeast, ~kLeast));
  // An empty text is none that is missing.
  must(database->execute("UPDATE t SET b = $1", {std::string_view()}));
  EXPECT_EQ(number(*database, "SELECT count(*) FROM t WHERE b = ''"), 4);
  EXPECT_EQ(must(database->execute("DELETE FROM t WHERE a < $1", {std::int64_t{0}})), 2);
}

TEST_P(DatabaseTest, NamesBrokenRules) {
  auto database = open_database();
  must(database->run_script(
      "CREATE TABLE a (id TEXT PRIMARY KEY); CREATE TABLE b (a TEXT REFERENCES a (id));"));
  must(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}));
  EXPECT_EQ(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(database->execute("INSERT INTO b VALUES ($1)", {std::string_view("y")}).error().kind,
            ErrorKind::not_found);
}

TEST_P(DatabaseTest, UndoesATransactionThatFailedHalfWay) {
  auto database = open_database();
  must(database->run_script("CREATE TABLE a (id TEXT PRIMARY KEY)"));
  const auto insert = [&](std::string_view id) {
    return database->execute("INSERT INTO a VALUES ($1)", {id});
  };
  must(database->begin());
  must(insert("x"));
  EXPECT_FALSE(insert("x"));
  database->roll_back();
  EXPECT_EQ(number(*database, "SELECT count(*) FROM a"), 0);
  database->roll_back();  // of nothing
  must(database->begin());
  must(insert("x"));
  must(database->commit());
  EXPECT_EQ(number(*database, "SELECT count(*) FROM a"), 1);
}

TEST_P(DatabaseTest, OrdersTextsByTheirBytes) {
  auto database = open_database();
  must(database->run_script("CREATE TABLE t (a " + std::string(database->text_type()) + ")"));
  for (const std::string_view each : {"b", "B", "ä", "a", "_", "A"}) {
    must(database->execute("INSERT INTO t VALUES ($1)", {each}));
  }
  std::vector<std::string> order;
  must(database->query("SELECT a FROM t WHERE a > $1 ORDER BY a", {std::string_view("A")},
                       [&](const Row& row) { order.emplace_back(row.text(0)); }));
  EXPECT_THAT(order, ElementsAre("B", "_", "a", "b", "ä"));
}

TEST_P(DatabaseTest, ReadsOneStateWhileOthersWrite) {
  auto a = open_database();
  auto b = open_database();
  must(a->run_script("CREATE TABLE t (a BIGINT)"));
  must(a->begin_reading());
  EXPECT_EQ(number(*a, "SELECT count(*) FROM t"), 0);
  must(b->begin());
  must(b->execute("INSERT INTO t VALUES ($1)", {std::int64_t{1}}));
  must(b->commit());
  EXPECT_EQ(number(*a, "SELECT count(*) FROM t"), 0);
  must(a->commit());
  EXPECT_EQ(number(*a, "SELECT count(*) FROM t"), 1);
}

TEST_P(DatabaseTest, TellsWhatOthersAnnounced) {
  postgres.look_interval = std::chrono::hours(1);
  auto a = open_database();
  auto b = open_database();
  must(a->run_script("CREATE TABLE t (a BIGINT)"));
  const auto change = [](Database& database) {
    must(database.begin());
    must(database.execute("INSERT INTO t VALUES ($1)", {std::int64_t{1}}));
    database.announce();
    must(database.commit());
  };
  (void)must(b->foreign_changes());
  (void)must(a->foreign_changes());
  EXPECT_EQ(must(a->foreign_changes()), ForeignChanges::none);
  change(*a);
  EXPECT_EQ(must(a->foreign_changes()), ForeignChanges::none) << "those are its own";
  change(*b);
  while (must(a->foreign_changes()) == ForeignChanges::none) {
  }
}

class Migrations : public EachDatabase {};
SALLYPORT_ON_EACH_DATABASE(Migrations);

TEST_P(Migrations, RunOnce) {
  auto database = open_database();
  must(migrate(*database));
  must(migrate(*database));
  EXPECT_EQ(number(*database, "SELECT count(*) FROM schema_version"), 1);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM consumers"), 0);
}

TEST_P(Migrations, RunOnceForManyWhoStartTogether) {
  std::vector<std::thread> starts;
  for (int i = 0; i < 8; ++i) {
    starts.emplace_back([this] {
      EXPECT_EQ(
          error_of(Connection::open(source(), std::make_shared<const KeyRing>(test_ring()), true)),
          "");
    });
  }
  for (std::thread& each : starts) each.join();
  auto database = open_database();
  EXPECT_EQ(number(*database, "SELECT count(*) FROM schema_version"), 1);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM secrets"), 1);
}

TEST_P(Migrations, RefuseTablesOfANewerProgram) {
  auto database = open_database();
  must(migrate(*database));
  must(database->run_script("UPDATE schema_version SET version = 99"));
  auto refused = migrate(*database);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("of version 99"));
  EXPECT_THAT(refused.error().text, HasSubstr("run the newer program"));
  // The refusal has left no transaction open.
  must(database->begin());
  database->roll_back();
}

}  // namespace
}  // namespace sallyport::store
