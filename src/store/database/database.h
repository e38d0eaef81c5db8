// SQL behind one small class, so that what keeps records knows neither SQLite nor PostgreSQL.
//
// Statements are text with numbered placeholders ($1, $2 and so on), in the SQL that both databases
// understand: tables have columns of the types TEXT, BIGINT and BYTEA. A Database belongs to one
// thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "store/error.h"

namespace sallyport::store {

struct Bytes {
  std::string_view bytes;
};

// What a placeholder stands for. Texts and bytes must outlive the call they are given to.
// NOLINTBEGIN(google-explicit-constructor): a list of values is to read like a list of arguments.
class Value {
 public:
  Value(std::nullptr_t) : value_(nullptr) {}
  Value(std::int64_t number) : value_(number) {}
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view(text)) {}
  Value(Bytes bytes) : value_(bytes) {}
  Value(std::optional<std::int64_t> number) : value_(nullptr) {
    if (number) value_ = *number;
  }
  [[nodiscard]] bool is_null() const { return value_.index() == 0; }
  [[nodiscard]] const auto& variant() const { return value_; }

 private:
  std::variant<std::nullptr_t, std::int64_t, std::string_view, Bytes> value_;
};
// NOLINTEND(google-explicit-constructor)

// A row of an answer. Columns count from 0; texts are good until the next row.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;  // and bytes
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
  }
};

// Whether someone other than this object changed the database since that was asked last.
enum class ForeignChanges : std::uint8_t {
  none,
  possible,  // what it was, if anything, stands in the log of changes
  certain,   // and it need not stand in the log
};

class Database {
 public:
  using Values = std::span<const Value>;
  using ValueList = std::initializer_list<Value>;
  using EachRow = std::function<void(const Row&)>;
  virtual ~Database() = default;

  // Runs one statement; how many rows it changed. A broken UNIQUE rule is a `conflict`, a broken
  // reference `not_found`. A transaction in which a statement failed can only be rolled back.
  [[nodiscard]] virtual Outcome<std::uint64_t> execute(std::string_view sql, Values values) = 0;
  // Runs one statement; `each` sees every row of the answer, and runs no statement itself.
  [[nodiscard]] virtual Outcome<void> query(std::string_view sql, Values values,
                                            const EachRow& each) = 0;
  [[nodiscard]] Outcome<std::uint64_t> execute(std::string_view sql, ValueList values) {
    return execute(sql, Values(values.begin(), values.size()));
  }
  [[nodiscard]] Outcome<void> query(std::string_view sql, ValueList values, const EachRow& each) {
    return query(sql, Values(values.begin(), values.size()), each);
  }
  // Runs several statements without values.
  [[nodiscard]] virtual Outcome<void> run_script(std::string_view sql) = 0;
  // The type of a TEXT that is compared and ordered by its bytes.
  [[nodiscard]] virtual std::string_view text_type() const = 0;

  // Whoever begins is the only one, of all programs, who changes anything until he ends. `busy`:
  // another one took too long.
  [[nodiscard]] virtual Outcome<void> begin() = 0;
  // One state of the database for several statements that only read; waits for nobody.
  [[nodiscard]] virtual Outcome<void> begin_reading() = 0;
  // Once it has returned without an error, what was changed survives kill -9 and loss of power.
  [[nodiscard]] virtual Outcome<void> commit() = 0;
  virtual void roll_back() = 0;

  // Others are to look at the log of changes, once this transaction holds.
  virtual void announce() = 0;
  [[nodiscard]] virtual Outcome<ForeignChanges> foreign_changes() = 0;
  // Whether a transaction could begin now.
  [[nodiscard]] virtual Outcome<void> check() = 0;
};

}  // namespace sallyport::store
