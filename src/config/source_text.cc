// See source_text.h.
#include "config/source_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sallyport::config {
namespace {

// The length of the UTF-8 sequence that `s` begins with; 0 if it is none (RFC 3629).
std::size_t utf8_length(std::string_view s) {
  auto byte = [&s](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  auto tail = [&](std::size_t from, std::size_t to) {
    if (s.size() < to) return false;
    for (std::size_t i = from; i < to; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    return true;
  };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return tail(1, 2) ? 2 : 0;
  if (first < 0xf0) {
    if (!tail(1, 3)) return 0;
    bool overlong = first == 0xe0 && byte(1) < 0xa0;
    bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (!tail(1, 4)) return 0;
  bool overlong = first == 0xf0 && byte(1) < 0x90;
  bool too_high = first == 0xf4 && byte(1) >= 0x90;
  return overlong || too_high ? 0 : 4;
}

}  // namespace

SourceText::SourceText(std::string_view text, std::string_view file)
    : text_(text), file_(std::make_shared<const std::string>(file)) {
  lines_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') lines_.push_back(i + 1);
    if ((text[i] & '\xc0') == '\x80') continued_.push_back(i);
  }
}

std::string_view SourceText::line(std::size_t index) const {
  if (index >= lines_.size()) return {};
  std::size_t begin = lines_[index];
  std::size_t end = index + 1 < lines_.size() ? lines_[index + 1] - 1 : text_.size();
  return text_.substr(begin, end - begin);
}

schema::Mark SourceText::mark(std::size_t line_index, std::size_t column) const {
  std::size_t begin = lines_[std::min(line_index, lines_.size() - 1)];
  auto from = std::ranges::lower_bound(continued_, begin);
  auto to = std::ranges::lower_bound(continued_, begin + column);
  auto continued = static_cast<std::size_t>(to - from);
  return {.file = file_,
          .line = static_cast<std::uint32_t>(line_index + 1),
          .column = static_cast<std::uint32_t>(column - continued + 1)};
}

schema::Mark SourceText::mark_at(std::size_t offset) const {
  auto after = std::ranges::upper_bound(lines_, offset);
  auto index = static_cast<std::size_t>(after - lines_.begin()) - 1;
  return mark(index, offset - lines_[index]);
}

bool SourceText::check_bytes(schema::Diagnostics& diagnostics) const {
  for (std::size_t i = 0; i < text_.size();) {
    std::size_t length = utf8_length(text_.substr(i));
    auto byte = static_cast<unsigned char>(text_[i]);
    bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    bool lone_return = byte == '\r' && text_.substr(i, 2) != "\r\n";
    if (length == 0 || control || lone_return) {
      std::string message = length == 0   ? "the file is not UTF-8 here"
                            : lone_return ? "a carriage return without a line feed"
                                          : "a control character";
      diagnostics.error({.mark = mark_at(i), .path = {}}, std::move(message), {},
                        schema::code::kSyntax);
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace sallyport::config
