// What the transformations share: classes of bytes, fast scans for the first byte of a class, hex
// digits, and the place where a new value is written.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/text.h"
#include "seclang/characters.h"
#include "seclang/transformations/transformation.h"

namespace sallyport::seclang::transform {

[[nodiscard]] constexpr std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

[[nodiscard]] constexpr bool is_octal(char c) { return c >= '0' && c <= '7'; }
[[nodiscard]] constexpr bool is_hex(char c) { return text::hex_digit(c) >= 0; }

// Of anything that is no hex digit, what ModSecurity's arithmetic makes of it: hexDecode does not
// look first.
[[nodiscard]] constexpr unsigned hex_value(char c) {
  unsigned b = byte(c);
  return b >= 'A' ? (b & 0xDFU) - 'A' + 10 : b - '0';
}
[[nodiscard]] constexpr char hex_byte(char high, char low) {
  return static_cast<char>(hex_value(high) * 16 + hex_value(low));
}
inline constexpr std::string_view kHexDigits = "0123456789abcdef";

// Whether `in` has `count` bytes of a class from `at` on.
template <typename Class>
[[nodiscard]] constexpr bool all_at(std::string_view in, std::size_t at, std::size_t count,
                                    Class is_member) {
  return at + count <= in.size() && std::ranges::all_of(in.substr(at, count), is_member);
}

class ByteSet {
 public:
  template <typename Class>
  constexpr explicit ByteSet(Class is_member)
    requires std::is_invocable_r_v<bool, Class, char>
  {
    for (unsigned i = 0; i < 256; ++i) member_[i] = is_member(static_cast<char>(i));
  }
  constexpr explicit ByteSet(std::string_view members) {
    for (char c : members) member_[byte(c)] = true;
  }
  [[nodiscard]] constexpr bool contains(char c) const { return member_[byte(c)]; }
  // Where the first member stands; npos: nowhere.
  [[nodiscard]] constexpr std::size_t find(std::string_view in, std::size_t from = 0) const {
    for (std::size_t i = from; i < in.size(); ++i) {
      if (member_[byte(in[i])]) return i;
    }
    return std::string_view::npos;
  }

 private:
  std::array<bool, 256> member_{};
};

// A value being written into the arena. The caller knows how long it gets at most: only builds with
// assertions check.
class Output {
 public:
  Output(const TransformContext& context, std::size_t capacity)
      : begin_(context.arena.chars(capacity)), end_(begin_), limit_(begin_ + capacity) {}

  void put(char c) {
    assert(end_ != limit_);
    *end_++ = c;
  }
  void put(std::string_view s) {
    assert(s.size() <= static_cast<std::size_t>(limit_ - end_));
    if (!s.empty()) std::memcpy(end_, s.data(), s.size());
    end_ += s.size();
  }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
  // What was written; `in` itself when that is the same.
  [[nodiscard]] std::string_view value(std::string_view in) const {
    std::string_view out(begin_, size());
    return out == in ? in : out;
  }

 private:
  char* begin_;
  char* end_;
  [[maybe_unused]] char* limit_;
};

// Every byte changed by itself. The pass that looks for a change has no exit, so that it runs over
// whole vectors of bytes.
template <typename Change>
[[nodiscard]] std::string_view map_bytes(std::string_view in, const TransformContext& context,
                                         Change change) {
  bool changes = false;
  for (char c : in) changes |= change(c) != c;
  if (!changes) return in;
  char* out = context.arena.chars(in.size());
  std::ranges::transform(in, out, change);
  return {out, in.size()};
}

// Without the bytes of a set.
[[nodiscard]] inline std::string_view without(std::string_view in, const ByteSet& dropped,
                                              const TransformContext& context) {
  std::size_t i = dropped.find(in);
  if (i == std::string_view::npos) return in;
  Output out(context, in.size());
  out.put(in.substr(0, i));
  for (; i < in.size(); ++i) {
    if (!dropped.contains(in[i])) out.put(in[i]);
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
