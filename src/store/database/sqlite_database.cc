// See sqlite_database.h.
#include "store/database/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace sallyport::store {
namespace {

// In the header of every file of ours ("spst"), so that nobody else's is taken for one.
constexpr std::int64_t kApplicationId = 0x73707374;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

// Ready for its next use when this ends, however that comes about.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::string_view text(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  }
  [[nodiscard]] bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }

 private:
  sqlite3_stmt* statement_;
};

ErrorKind kind_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return ErrorKind::conflict;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorKind::not_found;
    default:
      break;
  }
  switch (extended & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
      return ErrorKind::invalid;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::corrupt;
    default:
      return ErrorKind::unavailable;
  }
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(Handle handle, std::string path)
      : path_(std::move(path)), handle_(std::move(handle)) {}

  Outcome<std::uint64_t> execute(std::string_view sql, Values values) override {
    auto ran = query(sql, values, [](const Row&) {});
    if (!ran) return fail(ran);
    return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
  }

  Outcome<void> query(std::string_view sql, Values values, const EachRow& each) override {
    auto statement = prepared(sql);
    if (!statement) return fail(statement);
    const Reset reset(*statement);
    int number = 0;
    for (const Value& value : values) {
      // SQLite counts places by first use; the number in the name is what counts here.
      const std::string name = "$" + std::to_string(++number);
      const int place = sqlite3_bind_parameter_index(*statement, name.c_str());
      if (bind(*statement, place, value) != SQLITE_OK) return failed();
    }
    const SqliteRow row(*statement);
    int status = SQLITE_ROW;
    while ((status = sqlite3_step(*statement)) == SQLITE_ROW) each(row);
    if (status != SQLITE_DONE) return failed();
    return {};
  }

  Outcome<void> run_script(std::string_view sql) override {
    const std::string text(sql);
    if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return failed();
    }
    return {};
  }

  Outcome<void> begin() override {
    // SQLite would go on writing into a file that no longer has a name.
    int moved = 0;
    sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) {
      return fail(ErrorKind::unavailable, "the database " + path_ +
                                              " was removed or replaced while it was open: put it "
                                              "back, or restart with the new one");
    }
    // Immediate: whoever begins is sure to be able to write.
    return run_script("BEGIN IMMEDIATE");
  }

  Outcome<void> begin_reading() override { return run_script("BEGIN"); }

  Outcome<void> commit() override { return run_script("COMMIT"); }

  void roll_back() override {
    // An error may have ended the transaction already.
    if (sqlite3_get_autocommit(handle_.get()) == 0) (void)run_script("ROLLBACK");
  }

  std::string_view text_type() const override { return "TEXT"; }

  void announce() override {}  // others see it by the version of the data

  Outcome<ForeignChanges> foreign_changes() override {
    auto version = number("PRAGMA data_version");
    if (!version) return fail(version);
    const bool same = std::exchange(data_version_, *version) == *version;
    return same ? ForeignChanges::none : ForeignChanges::certain;
  }

  Outcome<void> check() override {
    auto begun = begin();
    roll_back();
    return begun;
  }

  // Settings, and a look at whether the file is sound and ours.
  Outcome<void> prepare(std::chrono::milliseconds busy_timeout) {
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(busy_timeout.count()));
    sqlite3_extended_result_codes(handle_.get(), 1);
    auto sound = check_sound();
    if (!sound) return sound;
    auto owned = check_owner();
    if (!owned) return owned;
    auto set = run_script(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    if (!set) return set;
    auto version = number("PRAGMA data_version");
    if (!version) return fail(version);
    data_version_ = *version;
    return {};
  }

 private:
  [[nodiscard]] std::unexpected<Error> failed() {
    const int code = sqlite3_extended_errcode(handle_.get());
    const ErrorKind kind = kind_of(code);
    if (kind == ErrorKind::corrupt) return corrupt(sqlite3_errmsg(handle_.get()));
    return fail(kind, "the database " + path_ + ": " + sqlite3_errmsg(handle_.get()));
  }

  [[nodiscard]] std::unexpected<Error> corrupt(std::string_view why) {
    return fail(ErrorKind::corrupt,
                "the database " + path_ + " is damaged (" + std::string(why) +
                    "): move it and its -wal and -shm files away, then restore a backup, or "
                    "save what can be read with `sqlite3 " +
                    path_ + " .recover`");
  }

  [[nodiscard]] Outcome<std::int64_t> number(std::string_view sql) {
    std::int64_t value = 0;
    auto read = query(sql, {}, [&value](const Row& row) { value = row.integer(0); });
    if (!read) return fail(read);
    return value;
  }

  [[nodiscard]] Outcome<void> check_sound() {
    std::string problem;
    auto checked = query("PRAGMA quick_check(1)", {}, [&problem](const Row& row) {
      if (row.text(0) != "ok") problem = row.text(0);
    });
    if (!checked) return checked;
    if (!problem.empty()) return corrupt(problem);
    return {};
  }

  [[nodiscard]] Outcome<void> check_owner() {
    auto owner = number("PRAGMA application_id");
    if (!owner) return fail(owner);
    if (*owner == kApplicationId) return {};
    auto tables = number("SELECT count(*) FROM sqlite_master");
    if (!tables) return fail(tables);
    if (*tables != 0) {
      return fail(ErrorKind::refused, "the file " + path_ +
                                          " is a database of another program: give the store a "
                                          "path of its own");
    }
    return run_script("PRAGMA application_id = " + std::to_string(kApplicationId));
  }

  // A statement is compiled once, by its text.
  [[nodiscard]] Outcome<sqlite3_stmt*> prepared(std::string_view sql) {
    auto known = statements_.find(std::string(sql));
    if (known != statements_.end()) return known->second.get();
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
      return failed();
    }
    return statements_.emplace(sql, Statement(statement)).first->second.get();
  }

  // An empty view may have no address, which SQLite would take for NULL.
  static const char* address_of(std::string_view view) { return view.empty() ? "" : view.data(); }

  static int bind(sqlite3_stmt* statement, int place, const Value& value) {
    return std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::nullptr_t>) {
            return sqlite3_bind_null(statement, place);
          } else if constexpr (std::is_same_v<Held, std::int64_t>) {
            return sqlite3_bind_int64(statement, place, held);
          } else if constexpr (std::is_same_v<Held, Bytes>) {
            return sqlite3_bind_blob64(statement, place, address_of(held.bytes), held.bytes.size(),
                                       SQLITE_STATIC);
          } else {
            return sqlite3_bind_text64(statement, place, address_of(held), held.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
          }
        },
        value.variant());
  }

  const std::string path_;
  Handle handle_;
  std::int64_t data_version_ = 0;
  std::unordered_map<std::string, Statement> statements_;  // gone before the handle
};

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

Outcome<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  // Made by us rather than by SQLite, whose mode depends on the umask; its other files follow.
  const int flags = O_RDWR | O_CLOEXEC | (options.create ? O_CREAT : 0);
  const int fd = ::open(options.path.c_str(), flags, 0600);
  if (fd < 0) {
    return fail(ErrorKind::unavailable, "cannot open the database " + options.path + ": " +
                                            reason() +
                                            ": check that its folder exists and may be written");
  }
  ::close(fd);
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(options.path.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(opened);
  if (status != SQLITE_OK) {
    return fail(ErrorKind::unavailable,
                "cannot open the database " + options.path + ": " + sqlite3_errstr(status));
  }
  auto database = std::make_unique<SqliteDatabase>(std::move(handle), options.path);
  auto prepared = database->prepare(options.busy_timeout);
  if (!prepared) return fail(prepared);
  return database;
}

}  // namespace sallyport::store
