// See copy.h.
#include "store/copy.h"

#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "store/database/migrations.h"
#include "store/records/rows.h"
#include "store/records/sealed_tables.h"

namespace sallyport::store {
namespace {

enum class Type : std::uint8_t { text, number, bytes };

struct Column {
  std::string_view name;
  Type type = Type::text;
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;
};

// Those that are referred to come first.
std::vector<Table> tables() {
  using enum Type;
  return {
      {.name = "consumers",
       .columns = {{"id"},
                   {"name"},
                   {"groups_in"},
                   {"roles"},
                   {"metadata"},
                   {"plan"},
                   {"disabled", number},
                   {"created", number},
                   {"password_hash"}}},
      {.name = "api_keys",
       .columns = {{"id"},
                   {"consumer"},
                   {"secret_hash", bytes},
                   {"label"},
                   {"apis"},
                   {"networks"},
                   {"scopes"},
                   {"created", number},
                   {"not_before", number},
                   {"expires", number},
                   {"revoked", number},
                   {"last_used", number}}},
      {.name = "clients",
       .columns = {{"id"},
                   {"consumer"},
                   {"secret_hash", bytes},
                   {"jwk"},
                   {"mtls_subject"},
                   {"scopes"},
                   {"grant_seconds", number},
                   {"disabled", number},
                   {"created", number}}},
      {.name = "revocations",
       .columns = {{"kind", number}, {"value"}, {"created", number}, {"until", number}}},
      {.name = "signing_keys",
       .columns = {{"kid"},
                   {"algorithm"},
                   {"sealed", bytes},
                   {"created", number},
                   {"active_from", number},
                   {"retired", number}}},
      {.name = "secrets", .columns = {{"name"}, {"sealed", bytes}}},
      {.name = "config_revisions",
       .columns = {{"id"},
                   {"node"},
                   {"number", number},
                   {"loaded", number},
                   {"actor"},
                   {"why"},
                   {"file"},
                   {"fingerprint"},
                   {"warnings", number},
                   {"size", number},
                   {"sealed", bytes}}},
      {.name = "admin_tokens",
       .columns = {{"id"},
                   {"name"},
                   {"role", number},
                   {"secret_hash", bytes},
                   {"created", number},
                   {"expires", number},
                   {"revoked", number}}},
  };
}

// Writes the rows of one table, some at a time.
class Writer {
 public:
  Writer(Database& to, const Table& table)
      : to_(to), table_(table), insertion_("INSERT INTO " + std::string(table.name) + " (") {
    for (const Column& column : table.columns) {
      if (&column != table.columns.data()) insertion_ += ", ";
      insertion_ += column.name;
    }
    insertion_ += ") VALUES ";
  }

  void add(const Row& row) {
    if (!outcome_) return;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) values_.push_back(value_of(row, i));
    ++rows_;
    if (++waiting_ == kRowsAtOnce) write(kRowsAtOnce);
  }

  [[nodiscard]] Outcome<std::uint64_t> finish() {
    while (outcome_ && waiting_ > 0) write(1);
    if (!outcome_) return fail(outcome_);
    return rows_;
  }

 private:
  static constexpr std::size_t kRowsAtOnce = 100;

  [[nodiscard]] Value value_of(const Row& row, std::size_t i) {
    const auto column = static_cast<int>(i);
    if (row.is_null(column)) return nullptr;
    if (table_.columns[i].type == Type::number) return row.integer(column);
    const std::string& text = texts_.emplace_back(row.text(column));
    if (table_.columns[i].type == Type::bytes) return Bytes{text};
    return text;
  }

  // The first rows that wait.
  void write(std::size_t rows) {
    const std::size_t columns = table_.columns.size();
    const auto values = Database::Values(values_).first(rows * columns);
    auto written = to_.execute(insertion_ + placeholders(rows, columns), values);
    if (!written) outcome_ = fail(written);
    values_.erase(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(values.size()));
    waiting_ -= rows;
    if (waiting_ == 0) texts_.clear();
  }

  Database& to_;
  const Table& table_;
  std::string insertion_;
  std::deque<std::string> texts_;  // what values point to; they do not move
  std::vector<Value> values_;
  std::size_t waiting_ = 0;
  std::uint64_t rows_ = 0;
  Outcome<void> outcome_;
};

std::string selection_of(const Table& table) {
  std::string sql = "SELECT ";
  for (const Column& column : table.columns) {
    if (&column != table.columns.data()) sql += ", ";
    sql += column.name;
  }
  return sql.append(" FROM ").append(table.name);
}

Outcome<void> check_empty(Database& to) {
  for (const Table& table : tables()) {
    std::int64_t rows = 0;
    auto counted = to.query("SELECT count(*) FROM " + std::string(table.name), {},
                            [&rows](const Row& row) { rows = row.integer(0); });
    if (!counted) return counted;
    if (rows == 0) continue;
    return fail(ErrorKind::refused, "the database that is to be copied to holds " +
                                        std::string(table.name) +
                                        " already: give it another schema, or drop that one");
  }
  return {};
}

Outcome<std::uint64_t> copy_tables(Database& from, Database& to) {
  std::uint64_t total = 0;
  for (const Table& table : tables()) {
    Writer writer(to, table);
    auto read = from.query(selection_of(table), {}, [&writer](const Row& row) { writer.add(row); });
    if (!read) return fail(read);
    auto rows = writer.finish();
    if (!rows) return rows;
    total += *rows;
  }
  return total;
}

Outcome<std::uint64_t> copy_within(Database& from, Database& to, const KeyRing& ring) {
  auto empty = check_empty(to);
  if (!empty) return fail(empty);
  auto copied = copy_tables(from, to);
  if (!copied) return copied;
  // Fails where the master key is another one: nobody could use the copy.
  auto opened = reseal_all(to, ring);
  if (!opened) return opened;
  return copied;
}

}  // namespace

std::vector<std::string> copied_columns() {
  std::vector<std::string> names;
  for (const Table& table : tables()) {
    for (const Column& column : table.columns) {
      names.push_back(std::string(table.name).append(".").append(column.name));
    }
  }
  return names;
}

Outcome<std::uint64_t> copy_store(Database& from, Database& to, const KeyRing& ring) {
  for (Database* each : {&from, &to}) {
    auto migrated = migrate(*each);
    if (!migrated) return fail(migrated);
  }
  auto reading = from.begin_reading();
  if (!reading) return fail(reading);
  auto writing = to.begin();
  auto copied = writing ? copy_within(from, to, ring) : Outcome<std::uint64_t>(fail(writing));
  from.roll_back();
  auto committed = copied ? to.commit() : Outcome<void>();
  if (copied && committed) return copied;
  to.roll_back();
  return copied ? Outcome<std::uint64_t>(fail(committed)) : copied;
}

}  // namespace sallyport::store
