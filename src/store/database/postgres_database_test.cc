#include "store/database/postgres_database.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "store/database/migrations.h"
#include "store/store.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class PostgresDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    SALLYPORT_NEEDS_POSTGRES();
    options = PostgresServer::get()->fresh();
  }
  [[nodiscard]] std::unique_ptr<Database> open() const { return must(open_postgres(options)); }
  // Why it does not open.
  [[nodiscard]] Error refused() const {
    auto opened = open_postgres(options);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  // Another connection to the same server, with tables of its own.
  static std::unique_ptr<Database> elsewhere() {
    return must(open_postgres(PostgresServer::get()->fresh()));
  }

  PostgresOptions options;
};

TEST_F(PostgresDatabase, MakesASchemaAtTheFirstStartOnly) {
  options.create = false;
  EXPECT_EQ(refused().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused().text, HasSubstr("has lost the tables of the schema " + options.schema));
  options.create = true;
  must(migrate(*open()));
  options.create = false;
  must(migrate(*open()));
}

TEST_F(PostgresDatabase, RefusesASchemaOfAnotherProgram) {
  auto other = elsewhere();
  must(other->run_script("CREATE SCHEMA " + options.schema + "; CREATE TABLE " + options.schema +
                         ".bookmarks (a BIGINT)"));
  EXPECT_EQ(refused().kind, ErrorKind::refused);
  EXPECT_THAT(refused().text, HasSubstr("has tables of another program in the schema"));
  // Others count their versions, too.
  must(other->run_script("CREATE TABLE " + options.schema + ".schema_version (version TEXT)"));
  EXPECT_EQ(refused().kind, ErrorKind::refused);
}

TEST_F(PostgresDatabase, NamesDamage) {
  must(Store::open([this](bool) { return open_postgres(options); }, test_ring()));
  must(open()->run_script("DROP TABLE revocations"));
  auto opened = Store::open([this](bool) { return open_postgres(options); }, test_ring());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(opened.error().text, HasSubstr("restore them from a backup"));
}

TEST_F(PostgresDatabase, RefusesADatabaseThatIsNotInUtf8) {
  auto other = elsewhere();
  must(other->run_script("CREATE DATABASE latin_" + options.schema +
                         " ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"));
  options.database = "latin_" + options.schema;
  EXPECT_EQ(refused().kind, ErrorKind::refused);
  EXPECT_THAT(refused().text, HasSubstr("keeps texts in LATIN1"));
}

TEST_F(PostgresDatabase, SaysWhatIsWrongWithAConnectionInOneLineAndWithoutThePassword) {
  must(
      elsewhere()->run_script("DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right'; "
                              "EXCEPTION WHEN duplicate_object THEN NULL; END $$"));
  options.user = "guarded";
  options.password = schema::Secret("wr0ng-s3cret", "${env:PASSWORD}");
  EXPECT_EQ(refused().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused().text, HasSubstr("password authentication failed"));
  EXPECT_THAT(refused().text, Not(HasSubstr("wr0ng")));
  EXPECT_THAT(refused().text, Not(HasSubstr("\n")));
  options.password = {};
  EXPECT_THAT(refused().text, HasSubstr("no password supplied"));

  options = PostgresServer::get()->fresh();
  options.database = "nowhere";
  EXPECT_THAT(refused().text, HasSubstr("cannot open the database nowhere at "));
  options.hosts = {"127.0.0.1"};
  options.port = 1;
  EXPECT_THAT(refused().text, HasSubstr("refused"));
}

TEST_F(PostgresDatabase, AUserWithoutRightsIsTold) {
  must(elsewhere()->run_script(
      "DO $$ BEGIN CREATE ROLE powerless LOGIN; "
      "EXCEPTION WHEN duplicate_object THEN NULL; END $$; CREATE SCHEMA " +
      options.schema + "; GRANT USAGE ON SCHEMA " + options.schema + " TO powerless"));
  options.user = "powerless";
  auto migrated = migrate(*open());
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().kind, ErrorKind::refused);
  EXPECT_THAT(migrated.error().text, HasSubstr("must own the schema"));
}

TEST_F(PostgresDatabase, DoesNotTakeSettingsFromTheEnvironment) {
  const auto names = {"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSSLMODE"};
  const auto unusual = {"PGOPTIONS", "PGSERVICE", "PGHOSTADDR", "PGREQUIREPEER", "PGAPPNAME"};
  for (const char* name : names) ::setenv(name, "1", 1);
  for (const char* name : unusual) ::setenv(name, "-c search_path=elsewhere", 1);
  forget_postgres_environment();
  EXPECT_EQ(error_of(open_postgres(options)), "");
  for (const char* name : unusual) EXPECT_EQ(std::getenv(name), nullptr) << name;
  // The configuration may have taken its own values from these.
  for (const char* name : names) {
    EXPECT_STREQ(std::getenv(name), "1");
    ::unsetenv(name);
  }
}

TEST_F(PostgresDatabase, IsDurableEvenWhereTheServerIsNot) {
  auto other = elsewhere();
  must(other->run_script("ALTER DATABASE postgres SET synchronous_commit = off"));
  auto database = open();
  must(other->run_script("ALTER DATABASE postgres RESET synchronous_commit"));
  EXPECT_EQ(number(*database, "SELECT count(*) WHERE current_setting('synchronous_commit') = 'on'"),
            1);
}

TEST_F(PostgresDatabase, AFailedTransactionIsNotTakenForACommittedOne) {
  auto database = open();
  must(database->run_script("CREATE TABLE a (id TEXT PRIMARY KEY)"));
  must(database->begin());
  must(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}));
  EXPECT_FALSE(database->execute("INSERT INTO a VALUES ($1)", {std::string_view("x")}));
  auto committed = database->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM a"), 0);
}

TEST_F(PostgresDatabase, LetsOneWriteAtATimeAndWaitsWithinBounds) {
  auto a = open();
  auto b = open();
  auto unrelated = elsewhere();
  must(b->run_script("SET lock_timeout = '50ms'"));
  must(a->begin());
  auto second = b->begin();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  must(unrelated->begin());
  must(unrelated->commit());
  must(b->begin_reading());
  must(b->commit());
  must(a->commit());
  must(b->begin());
  must(b->commit());
}

TEST_F(PostgresDatabase, NamesDeadlocksAsWhatMaySucceedLater) {
  auto a = open();
  auto b = open();
  must(a->run_script("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1), (2);"));
  for (Database* each : {a.get(), b.get()}) {
    must(each->run_script("SET deadlock_timeout = '10ms'"));
  }
  must(a->run_script("BEGIN; UPDATE t SET a = 10 WHERE a = 1"));
  must(b->run_script("BEGIN; UPDATE t SET a = 20 WHERE a = 2"));
  // The server chooses its victim, whose end lets the other go on.
  const auto update = [](Database& database, std::string_view sql) {
    auto done = database.execute(sql, {});
    database.roll_back();
    return done ? std::optional<ErrorKind>() : done.error().kind;
  };
  std::optional<ErrorKind> first;
  std::thread other([&] { first = update(*a, "UPDATE t SET a = 20 WHERE a = 2"); });
  const std::optional<ErrorKind> second = update(*b, "UPDATE t SET a = 10 WHERE a = 1");
  other.join();
  EXPECT_NE(first.has_value(), second.has_value());
  EXPECT_EQ(first.value_or(ErrorKind::busy), ErrorKind::busy);
  EXPECT_EQ(second.value_or(ErrorKind::busy), ErrorKind::busy);
}

TEST_F(PostgresDatabase, LooksFromTimeToTimeWhateverWasSaid) {
  options.look_interval = 0ms;
  auto database = open();
  EXPECT_EQ(must(database->foreign_changes()), ForeignChanges::possible);
  EXPECT_EQ(must(database->foreign_changes()), ForeignChanges::possible);
}

TEST_F(PostgresDatabase, TextsThatTheServerCannotKeepAreRefused) {
  auto database = open();
  must(database->run_script("CREATE TABLE t (a TEXT)"));
  for (const std::string_view bad : {std::string_view("a\0b", 3), std::string_view("\xFF")}) {
    auto kept = database->execute("INSERT INTO t VALUES ($1)", {bad});
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().kind, ErrorKind::invalid);
  }
}

TEST_F(PostgresDatabase, ALostConnectionIsSaidAndStaysLost) {
  auto database = open();
  const std::int64_t pid = number(*database, "SELECT pg_backend_pid()");
  must(elsewhere()->query("SELECT pg_terminate_backend($1::int4)", {pid}, [](const Row&) {}));
  Outcome<ForeignChanges> looked = ForeignChanges::none;
  while ((looked = database->foreign_changes())) {
  }
  EXPECT_EQ(looked.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(looked.error().text, HasSubstr("is lost"));
  EXPECT_EQ(database->begin().error().kind, ErrorKind::unavailable);
  EXPECT_EQ(database->commit().error().kind, ErrorKind::unavailable);
  EXPECT_EQ(database->execute("SELECT 1", {}).error().kind, ErrorKind::unavailable);
  database->roll_back();
}

TEST_F(PostgresDatabase, DoesNotWaitForEverForAServerThatIsSilent) {
  options.silence = 3s;
  auto database = open();
  auto asked = database->execute("SELECT pg_sleep(30)", {});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(asked.error().text, HasSubstr("does not answer"));
}

TEST_F(PostgresDatabase, WritesMoreThanABufferHolds) {
  auto database = open();
  must(database->run_script("CREATE TABLE t (a TEXT)"));
  const std::string large(20'000'000, 'x');
  must(database->execute("INSERT INTO t VALUES ($1)", {large}));
  must(database->query("SELECT a FROM t", {},
                       [&](const Row& row) { EXPECT_EQ(row.text(0), large); }));
}

TEST(IsLocalHost, KnowsWhatStaysOnThisMachine) {
  for (const std::string_view host :
       {"/run/postgresql", "@abstract", "localhost", "127.0.0.1", "127.8.8.8", "::1"}) {
    EXPECT_TRUE(is_local_host(host)) << host;
  }
  for (const std::string_view host :
       {"db.internal", "10.0.0.1", "localhost.example.com", "::2", "127.0.0.1.example.com", ""}) {
    EXPECT_FALSE(is_local_host(host)) << host;
  }
}

}  // namespace
}  // namespace sallyport::store
