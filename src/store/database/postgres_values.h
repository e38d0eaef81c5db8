// Values of statements and answers as libpq has them.
//
// Texts and bytes go out, and rows come in, in the binary format: they need no end and no escapes.
// Numbers go out as text, whose type the server knows from where they stand.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/database/database.h"

namespace sallyport::store {

inline constexpr int kTextFormat = 0;
inline constexpr int kBinaryFormat = 1;

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
  [[nodiscard]] std::int64_t integer(int column) const override {
    const std::string_view bytes = text(column);
    if (bytes.empty() || bytes.size() > sizeof(std::int64_t)) return 0;
    // Most significant byte first, of two, four or eight.
    std::uint64_t value = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? ~0ULL : 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(value);
  }
  [[nodiscard]] std::string_view text(int column) const override {
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  [[nodiscard]] bool is_null(int column) const override {
    return PQgetisnull(result_, row_, column) != 0;
  }

 private:
  const PGresult* result_;
  int row_;
};

// The values of a statement as libpq wants them.
class Parameters {
 public:
  explicit Parameters(Database::Values values) {
    numbers_.reserve(values.size());
    for (const Value& value : values) std::visit([this](auto held) { add(held); }, value.variant());
  }
  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void add(const char* value, std::size_t length, int format) {
    values_.push_back(value);
    lengths_.push_back(static_cast<int>(length));
    formats_.push_back(format);
  }
  void add(std::nullptr_t) { add(nullptr, 0, kTextFormat); }
  void add(std::int64_t number) {
    const std::string& text = numbers_.emplace_back(std::to_string(number));
    add(text.c_str(), text.size(), kTextFormat);
  }
  // An empty view may have no address, which would stand for NULL.
  void add(std::string_view text) {
    add(text.empty() ? "" : text.data(), text.size(), kBinaryFormat);
  }
  void add(Bytes bytes) { add(bytes.bytes); }

  std::vector<std::string> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace sallyport::store
