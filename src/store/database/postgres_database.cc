// See postgres_database.h.
#include "store/database/postgres_database.h"

#include <utility>

#include "store/database/postgres_link.h"

namespace sallyport::store {
namespace {

// The first number of the advisory lock ("spst"), so that no other program takes it for its own;
// the second one is made of the schema's name.
constexpr std::int64_t kLockClass = 0x73707374;
constexpr int kOldestServer = 140000;

// What each connection asks of the server. A node that stands still must not hold the lock for
// ever; what is acknowledged must be on the disk.
constexpr std::string_view kSettings =
    "SET client_min_messages = warning;"
    "SET statement_timeout = '60s'; SET lock_timeout = '5s';"
    "SET idle_in_transaction_session_timeout = '15s';"
    "SET default_transaction_isolation = 'read committed'; SET row_security = off;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off';";

std::string quoted(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out += mark;
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(PostgresLink link, const PostgresOptions& options)
      : link_(std::move(link)),
        schema_(options.schema),
        create_(options.create),
        channel_(quoted("sallyport " + options.schema, '"')),
        begin_("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(" +
               std::to_string(kLockClass) + ", hashtext(" + quoted(options.schema, '\'') + "))"),
        look_interval_(options.look_interval) {}

  using Database::execute;
  using Database::query;

  Outcome<std::uint64_t> execute(std::string_view sql, Values values) override {
    return link_.query(sql, values, [](const Row&) {});
  }

  Outcome<void> query(std::string_view sql, Values values, const EachRow& each) override {
    auto ran = link_.query(sql, values, each);
    if (!ran) return fail(ran);
    return {};
  }

  Outcome<void> run_script(std::string_view sql) override { return run(std::string(sql)); }

  std::string_view text_type() const override { return "TEXT COLLATE \"C\""; }

  Outcome<void> begin() override {
    announced_ = false;
    writing_ = true;
    auto begun = run(begin_);
    if (!begun) roll_back();
    return begun;
  }

  Outcome<void> begin_reading() override {
    writing_ = announced_ = false;
    return run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  Outcome<void> commit() override {
    auto tag = link_.run(announced_ ? "NOTIFY " + channel_ + "; COMMIT" : "COMMIT");
    if (!tag) {
      // Whoever knows of it can look; a second attempt could do it twice.
      tag.error().kind = ErrorKind::unavailable;
      if (writing_) tag.error().text += "; whether the change was kept is not known";
      return fail(tag);
    }
    if (*tag == "COMMIT") return {};
    return fail(ErrorKind::unavailable, link_.name() + " has undone a transaction that failed");
  }

  // When even that fails the connection is lost, and the transaction with it.
  void roll_back() override {
    if (link_.in_transaction()) (void)link_.run("ROLLBACK");
  }

  void announce() override { announced_ = true; }

  Outcome<ForeignChanges> foreign_changes() override {
    auto notified = link_.notified();
    if (!notified) return fail(notified);
    const auto now = std::chrono::steady_clock::now();
    if (!*notified && now < next_look_) return ForeignChanges::none;
    next_look_ = now + look_interval_;
    return ForeignChanges::possible;
  }

  Outcome<void> check() override {
    if (link_.parameter("in_hot_standby") != "on") return {};
    return fail(ErrorKind::unavailable, link_.name() + " takes no changes: it is a standby");
  }

  // Settings, and a look at whether the schema is ours.
  Outcome<void> prepare(int server_version) {
    if (server_version < kOldestServer) {
      return fail(ErrorKind::refused, link_.name() + " is of PostgreSQL " +
                                          std::to_string(server_version / 10000) +
                                          ", and 14 is the oldest that will do: use a newer one");
    }
    if (link_.parameter("server_encoding") != "UTF8") {
      return fail(ErrorKind::refused,
                  link_.name() + " keeps texts in " +
                      std::string(link_.parameter("server_encoding")) +
                      ": make one with `CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`");
    }
    auto set = run(std::string(kSettings) + "SET search_path = " + quoted(schema_, '"') +
                   "; LISTEN " + channel_);
    if (!set) return set;
    // So that a query ends whose node is gone; not every system can do that.
    (void)run("SET client_connection_check_interval = '5s'");
    auto begun = begin();
    if (!begun) return begun;
    auto checked = check_schema();
    if (checked) checked = commit();
    if (!checked) roll_back();
    return checked;
  }

 private:
  [[nodiscard]] Outcome<void> run(const std::string& sql) {
    auto ran = link_.run(sql);
    if (!ran) return fail(ran);
    return {};
  }

  [[nodiscard]] Outcome<std::int64_t> number(std::string_view sql) {
    std::int64_t value = 0;
    auto read = query(sql, {schema_}, [&value](const Row& row) { value = row.integer(0); });
    if (!read) return fail(read);
    return value;
  }

  [[nodiscard]] Outcome<void> check_schema() {
    auto schemas = number("SELECT count(*) FROM pg_namespace WHERE nspname = $1");
    if (!schemas) return fail(schemas);
    if (*schemas == 0) return create_ ? run("CREATE SCHEMA " + quoted(schema_, '"')) : gone();
    // Names stand for one table each, also those of views.
    auto tables = number(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)");
    if (!tables) return fail(tables);
    if (*tables == 0) return create_ ? Outcome<void>() : gone();
    // The table by which the steps of migrations.cc are counted, with its only column.
    auto ours = number(
        "SELECT count(*) FROM pg_attribute WHERE attname = 'version' AND attnum = 1 "
        "AND atttypid = 'int8'::regtype AND attrelid = (SELECT oid FROM pg_class WHERE "
        "relname = 'schema_version' AND relkind = 'r' AND relnatts = 1 "
        "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1))");
    if (!ours) return fail(ours);
    if (*ours == 1) return {};
    return fail(ErrorKind::refused, link_.name() + " has tables of another program in the schema " +
                                        schema_ + ": give the store a schema of its own");
  }

  [[nodiscard]] std::unexpected<Error> gone() const {
    return fail(ErrorKind::unavailable, link_.name() + " has lost the tables of the schema " +
                                            schema_ + ": restore them from a backup");
  }

  PostgresLink link_;
  const std::string schema_;
  const bool create_;
  const std::string channel_;
  const std::string begin_;
  const std::chrono::milliseconds look_interval_;
  std::chrono::steady_clock::time_point next_look_;
  bool writing_ = false;
  bool announced_ = false;
};

}  // namespace

Outcome<std::unique_ptr<Database>> open_postgres(const PostgresOptions& options) {
  auto link = PostgresLink::open(options);
  if (!link) return fail(link);
  const int version = link->server_version();
  auto database = std::make_unique<PostgresDatabase>(std::move(*link), options);
  auto prepared = database->prepare(version);
  if (!prepared) return fail(prepared);
  return database;
}

}  // namespace sallyport::store
