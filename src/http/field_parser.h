// Field lines of heads and trailers (RFC 9112 5), one at a time, strictly.
//
// Knows nothing about what fields mean; header_section.h does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "http/headers.h"
#include "http/limits.h"
#include "http/reasons.h"
#include "http/scan.h"

namespace sallyport::http {

class FieldParser {
 public:
  // `bytes` holds whole lines and the empty line that ends them; it must outlive the fields.
  FieldParser(std::string_view bytes, const Limits& limits, const reasons::Shared& faults)
      : begin_(bytes.data()),
        p_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        line_limit_(limits.header_field),
        faults_(&faults) {
    bool ended = bytes.ends_with("\r\n\r\n") || bytes == "\r\n";
    if (!ended) reject_unended();
  }

  // Fills `field` from the next line. False: the empty line was read and nothing follows it, or
  // `reason()` is set.
  [[nodiscard]] bool next(Field& field);

  [[nodiscard]] const Reason* reason() const { return reason_; }
  // The offending bytes, for the detail of a Stop.
  [[nodiscard]] std::string_view where() const { return where_; }
  // Whether the last field's name holds an underscore.
  [[nodiscard]] bool underscore() const { return underscore_; }

 private:
  bool fail(const Reason& reason, const char* line);
  bool fail_at_value(const char* line, const char* stop);
  bool check_name(const char* line, const char* colon);
  bool finish();
  void reject_unended();

  const char* begin_;
  const char* p_;
  const char* end_;
  std::size_t line_limit_;
  const reasons::Shared* faults_;
  const Reason* reason_ = nullptr;
  std::string_view where_;
  bool underscore_ = false;
};

// Inlined into its callers' loops by force: it saves a tenth. The section ends in an empty line,
// which the constructor has checked: there is always a control ahead, and no line starts at the
// very end.
[[gnu::always_inline]] inline bool FieldParser::next(Field& field) {
  const char* line = p_;
  if (reason_ != nullptr || *line == '\r') return finish();

  // A known name needs no further check; for any other the colon may lie in a later line.
  const char* colon = find_byte(line, end_, ':');
  auto name_size = static_cast<std::size_t>(colon - line);
  field.id = header_id({line, name_size});
  underscore_ = false;
  if (field.id == HeaderId::unknown && !check_name(line, colon)) return false;

  const char* value = colon + 1;
  field.removed = false;
  field.verbatim = value[0] == ' ' && static_cast<unsigned char>(value[1]) > ' ';
  if (field.verbatim) {
    ++value;
  } else {
    while (*value == ' ' || *value == '\t') ++value;
  }
  const char* line_end = find_control(value, end_, begin_);
  if (line_end[0] != '\r' || line_end[1] != '\n') return fail_at_value(line, line_end);
  if (static_cast<std::size_t>(line_end - line) > line_limit_) {
    return fail(faults_->field_too_long, line);
  }
  const char* value_end = line_end;
  while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) {
    --value_end;
    field.verbatim = false;
  }
  field.name_data = line;
  field.value_data = value;
  field.value_size = static_cast<std::uint32_t>(value_end - value);
  field.name_size = static_cast<std::uint16_t>(name_size);
  p_ = line_end + 2;
  return true;
}

// The fields of a section while it is parsed: on the caller's stack, in the arena only if they are
// unusually many.
class FieldBuffer {
 public:
  explicit FieldBuffer(Arena& arena) : arena_(&arena) {}
  FieldBuffer(const FieldBuffer&) = delete;
  FieldBuffer& operator=(const FieldBuffer&) = delete;

  // Room for one more field; it counts once `keep` is called.
  [[nodiscard]] Field& room() {
    if (size_ == capacity_) grow();
    return data_[size_];
  }
  void keep() { ++size_; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Field& operator[](std::size_t i) { return data_[i]; }
  [[nodiscard]] Field* begin() { return data_; }
  [[nodiscard]] Field* end() { return data_ + size_; }

  // Copies the fields into the arena, with room for those the gateway adds.
  void move_to(Headers& headers);

 private:
  void grow();

  static constexpr std::size_t kLocal = 48;
  static constexpr std::size_t kSpare = 8;
  Field local_[kLocal];
  Field* data_ = local_;
  std::size_t size_ = 0;
  std::size_t capacity_ = kLocal;
  Arena* arena_;
};

}  // namespace sallyport::http
