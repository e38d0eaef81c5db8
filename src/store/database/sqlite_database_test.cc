#include "store/database/sqlite_database.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "store/database/migrations.h"
#include "store/test_store.h"

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Database> opened(const std::string& path) {
  return must(open_sqlite({.path = path}));
}

std::int64_t number(Database& database, std::string_view sql) {
  std::int64_t value = -1;
  must(database.query(sql, {}, [&value](const Row& row) { value = row.integer(0); }));
  return value;
}

std::string text(Database& database, std::string_view sql) {
  std::string value;
  must(database.query(sql, {}, [&value](const Row& row) { value = row.text(0); }));
  return value;
}

TEST(SqliteDatabase, IsDurableAndPrivate) {
  const TemporaryFolder folder;
  auto database = opened(folder.file("db"));
  EXPECT_EQ(text(*database, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(number(*database, "PRAGMA synchronous"), 2);  // FULL
  EXPECT_EQ(number(*database, "PRAGMA foreign_keys"), 1);
  must(migrate(*database));
  for (const char* name : {"db", "db-wal"}) {
    struct stat status{};
    ASSERT_EQ(::stat(folder.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST(SqliteDatabase, KeepsValuesOfEveryKind) {
  const TemporaryFolder folder;
  auto database = opened(folder.file("db"));
  must(database->run_script("CREATE TABLE t (a BIGINT, b TEXT, c BYTEA, d TEXT)"));
  const std::string bytes("\0\xFF'\n", 4);
  must(database->execute("INSERT INTO t (a, b, d, c) VALUES ($1, $2, $4, $3)",
                         {std::int64_t{-5}, std::string_view("x'y"), Bytes{bytes}, nullptr}));
  int rows = 0;
  must(database->query("SELECT a, b, c, d FROM t", {}, [&](const Row& row) {
    ++rows;
    EXPECT_EQ(row.integer(0), -5);
    EXPECT_EQ(row.text(1), "x'y");
    EXPECT_EQ(row.text(2), bytes);
    EXPECT_TRUE(row.is_null(3));
    EXPECT_FALSE(row.is_null(2));
    EXPECT_EQ(row.optional_integer(3), std::nullopt);
  }));
  EXPECT_EQ(rows, 1);
}

TEST(SqliteDatabase, NamesBrokenRules) {
  const TemporaryFolder folder;
  auto database = opened(folder.file("db"));
  must(database->run_script(
      "CREATE TABLE a (id TEXT PRIMARY KEY); CREATE TABLE b (a TEXT REFERENCES a (id));"));
  must(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}));
  EXPECT_EQ(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(database->execute("INSERT INTO b VALUES ($1)", {std::string_view("y")}).error().kind,
            ErrorKind::not_found);
}

TEST(SqliteDatabase, RefusesADamagedFileAndNamesIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("db");
  {
    auto database = opened(path);
    must(database->run_script("CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT)"));
    for (int i = 0; i < 500; ++i) {
      must(database->execute("INSERT INTO t VALUES ($1, $2)",
                             {std::to_string(i), std::string(100, 'x')}));
    }
  }
  const auto size = std::filesystem::file_size(path);
  {
    // Every page but the first is overwritten.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(size - 4096, '\x5A');
  }
  auto damaged = open_sqlite({.path = path});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(damaged.error().text, HasSubstr("the database " + path + " is damaged"));
  EXPECT_THAT(damaged.error().text, HasSubstr("restore a backup"));
}

TEST(SqliteDatabase, RefusesWhatIsNotOurs) {
  const TemporaryFolder folder;
  const std::string garbage = folder.file("garbage");
  std::ofstream(garbage) << std::string(10000, 'g');
  EXPECT_EQ(open_sqlite({.path = garbage}).error().kind, ErrorKind::corrupt);

  const std::string other = folder.file("other");
  sqlite3* handle = nullptr;
  sqlite3_open(other.c_str(), &handle);
  sqlite3_exec(handle, "CREATE TABLE bookmarks (a)", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  auto refused = open_sqlite({.path = other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("a database of another program"));

  EXPECT_THAT(error_of(open_sqlite({.path = folder.file("no/such/db")})),
              HasSubstr("check that its folder exists"));
  EXPECT_FALSE(open_sqlite({.path = folder.file("absent"), .create = false}));
  EXPECT_FALSE(std::filesystem::exists(folder.file("absent")));
}

TEST(SqliteDatabase, DoesNotWriteIntoAFileThatIsGone) {
  const TemporaryFolder folder;
  const std::string path = folder.file("db");
  auto database = opened(path);
  must(database->begin());
  must(database->commit());
  std::filesystem::remove(path);
  auto begun = database->begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(begun.error().text, HasSubstr("was removed or replaced"));
}

TEST(SqliteDatabase, NoticesOthers) {
  const TemporaryFolder folder;
  auto a = opened(folder.file("db"));
  auto b = opened(folder.file("db"));
  const std::int64_t before = must(a->foreign_changes());
  must(a->run_script("CREATE TABLE mine (a)"));
  EXPECT_EQ(must(a->foreign_changes()), before);
  must(b->run_script("CREATE TABLE theirs (a)"));
  EXPECT_NE(must(a->foreign_changes()), before);
}

TEST(Migrations, RunOnce) {
  const TemporaryFolder folder;
  auto database = opened(folder.file("db"));
  must(migrate(*database));
  must(migrate(*database));
  EXPECT_EQ(number(*database, "SELECT count(*) FROM schema_version"), 1);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM consumers"), 0);
}

TEST(Migrations, RefuseTablesOfANewerProgram) {
  const TemporaryFolder folder;
  auto database = opened(folder.file("db"));
  must(migrate(*database));
  must(database->run_script("UPDATE schema_version SET version = 99"));
  auto refused = migrate(*database);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("of version 99"));
  EXPECT_THAT(refused.error().text, HasSubstr("run the newer program"));
  // The refusal has left no transaction open.
  must(database->begin());
}

}  // namespace
}  // namespace sallyport::store
