// What is wrong with a line, and names that have no id.
#include "http/field_parser.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "http/chars.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kLongestName = std::numeric_limits<std::uint16_t>::max();

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

bool FieldParser::finish() {
  if (reason_ != nullptr) return false;
  if (end_ - p_ != 2) return fail(faults_->bad_line_end, p_);
  return false;
}

// Bytes that do not end in an empty line: cut short, or with a CR or LF that stands alone.
void FieldParser::reject_unended() {
  reason_ = &faults_->truncated_head;
  for (const char* p = begin_; p != end_; ++p) {
    bool alone =
        *p == '\r' ? p + 1 != end_ && p[1] != '\n' : *p == '\n' && (p == begin_ || p[-1] != '\r');
    if (alone) reason_ = &faults_->bad_line_end;
  }
}

bool FieldParser::fail(const Reason& reason, const char* line) {
  reason_ = &reason;
  where_ = {line, static_cast<std::size_t>(end_ - line)};
  return false;
}

bool FieldParser::fail_at_value(const char* line, const char* stop) {
  return fail(*stop == '\r' || *stop == '\n' ? faults_->bad_line_end : faults_->bad_field_value,
              line);
}

bool FieldParser::check_name(const char* line, const char* colon) {
  const char* p = line;
  for (; p != colon && is(*p, kTokenChar); ++p) underscore_ |= *p == '_';
  if (p == colon) {
    if (p == line) return fail(faults_->bad_field_name, line);
    if (static_cast<std::size_t>(p - line) > kLongestName) {
      return fail(faults_->field_too_long, line);
    }
    return true;
  }
  if (is_blank(*line)) return fail(faults_->folded_field, line);
  if (*p == '\r' || *p == '\n') {
    bool ended = p[0] == '\r' && p[1] == '\n';
    return fail(ended ? faults_->field_without_colon : faults_->bad_line_end, line);
  }
  const char* line_end = find_control(line, end_, begin_);
  if (colon > line_end && line_end[0] == '\r' && line_end[1] == '\n') {
    return fail(faults_->field_without_colon, line);
  }
  bool space = std::all_of(p, colon, is_blank);
  return fail(space ? faults_->space_before_colon : faults_->bad_field_name, line);
}

void FieldBuffer::grow() {
  std::size_t capacity = capacity_ * 2;
  auto* grown = arena_->array<Field>(capacity);
  std::memcpy(grown, data_, size_ * sizeof(Field));
  data_ = grown;
  capacity_ = capacity;
}

void FieldBuffer::move_to(Headers& headers) {
  Field* fields = data_;
  std::size_t capacity = capacity_;
  if (data_ == local_) {
    capacity = size_ + kSpare;
    fields = arena_->array<Field>(capacity);
    std::memcpy(fields, data_, size_ * sizeof(Field));
  }
  headers.adopt(fields, size_, capacity);
}

}  // namespace sallyport::http
