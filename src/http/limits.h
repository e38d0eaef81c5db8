// How much of a message head and of chunk framing is read before it is refused.
#pragma once

#include <cstddef>

namespace sallyport::http {

struct Limits {
  std::size_t request_line = 4096;   // bytes; method, target, version
  std::size_t header_field = 8000;   // bytes; one line
  std::size_t header_bytes = 32768;  // bytes; all header lines together
  std::size_t header_count = 100;
  std::size_t trailer_bytes = 8192;
  std::size_t trailer_count = 32;
  std::size_t chunk_line = 1024;       // bytes; size and extensions of one chunk
  std::size_t chunk_overhead = 16384;  // bytes of extensions in all, per message
};

enum class Underscores : unsigned char { drop, refuse, allow };  // header names with "_"

}  // namespace sallyport::http
