// How deep a JSON text nests, counted while it streams by, without parsing it.
//
// Knows only strings and brackets. Whether the text is JSON at all is for others to judge: a parser
// refuses at the first bracket that does not fit, which is all that could mislead the count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport::policies::request_limits_detail {

class JsonDepth {
 public:
  explicit JsonDepth(std::uint32_t limit) : limit_(limit) {}

  // Counts on. False: somewhere in these bytes the nesting went deeper than the limit.
  [[nodiscard]] bool scan(std::span<const std::byte> bytes);

 private:
  bool scan_slowly(const char* p, const char* end);
  // 64 bytes at once; the result as of scan.
  bool scan_block(const char* p);

  std::int64_t depth_ = 0;
  std::uint32_t limit_;
  bool in_string_ = false;
  bool escaped_ = false;  // a backslash stands before the next byte
};

}  // namespace sallyport::policies::request_limits_detail
