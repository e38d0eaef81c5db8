// See json_writer.h.
#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace sallyport {

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  out_ += '"';
  text::append_json_escaped(out_, name);
  out_ += indent_ > 0 ? "\": " : "\":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  before_value();
  out_ += '"';
  text::append_json_escaped(out_, value);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return raw({buffer, static_cast<std::size_t>(end - buffer)});
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::begin(char bracket) {
  before_value();
  out_ += bracket;
  has_elements_.push_back(false);
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  bool had_elements = has_elements_.back();
  has_elements_.pop_back();
  if (had_elements) new_line();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return raw({buffer, static_cast<std::size_t>(end - buffer)});
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return raw({buffer, static_cast<std::size_t>(end - buffer)});
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_elements_.empty()) return;
  if (has_elements_.back()) out_ += ',';
  has_elements_.back() = true;
  new_line();
}

void JsonWriter::new_line() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(has_elements_.size() * static_cast<std::size_t>(indent_), ' ');
}

}  // namespace sallyport
