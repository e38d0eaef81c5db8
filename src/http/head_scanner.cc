// The end of a head is its first empty line; a line feed alone ends the search at once, because the
// parser will refuse whatever comes before it.
#include "http/head_parser.h"
#include "http/scan.h"

namespace sallyport::http {

std::size_t HeadScanner::scan(std::string_view bytes) {
  const char* begin = bytes.data();
  const char* end = begin + bytes.size();
  const char* line = begin + line_;
  for (const char* p = begin + seen_;;) {
    p = find_byte(p, end, '\n');
    seen_ = static_cast<std::size_t>(p - begin);
    line_ = static_cast<std::size_t>(line - begin);
    if (p == end) return 0;
    ++p;
    if (p - line < 2 || p[-2] != '\r') return static_cast<std::size_t>(p - begin);
    bool empty = p - line == 2;
    if (empty && (started_ || ++empty_lines_ > kMostEmptyLines)) {
      return static_cast<std::size_t>(p - begin);
    }
    started_ = started_ || !empty;
    line = p;
  }
}

}  // namespace sallyport::http
