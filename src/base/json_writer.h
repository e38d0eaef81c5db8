// Writes JSON into a string, commas and escapes included. The caller keeps the grammar: a key
// before every value of an object, and every begin_ with its end_. It does not check for that.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer. `indent` 0 writes one line.
  explicit JsonWriter(std::string& out, int indent = 0) : out_(out), indent_(indent) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }

  JsonWriter& key(std::string_view name);

  JsonWriter& string(std::string_view value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // NaN and infinities, which JSON has no words for, become null.
  JsonWriter& number(double value);
  template <std::integral T>
  JsonWriter& number(T value) {
    if constexpr (std::signed_integral<T>) return signed_number(static_cast<std::int64_t>(value));
    return unsigned_number(static_cast<std::uint64_t>(value));
  }
  // A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  // key() and value in one call.
  JsonWriter& string(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }
  JsonWriter& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  template <typename T>
  JsonWriter& number(std::string_view name, T value) {
    return key(name).number(value);
  }
  JsonWriter& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& signed_number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  void before_value();
  void new_line();

  std::string& out_;
  int indent_;
  bool after_key_ = false;
  std::vector<bool> has_elements_;
};

}  // namespace sallyport
