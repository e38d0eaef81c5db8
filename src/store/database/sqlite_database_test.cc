#include "store/database/sqlite_database.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "store/database/migrations.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Database> opened(const std::string& path) {
  return must(open_sqlite({.path = path}));
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

}  // namespace
}  // namespace sallyport::store
