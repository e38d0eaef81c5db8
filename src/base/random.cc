#include "base/random.h"

#include <sys/random.h>

#include <cstdlib>

namespace sallyport {

Random::Random() {
  // The kernel's pool is ready long before any service starts; failing here means no identifiers
  // could be told apart, so it is a reason to stop the program.
  if (getrandom(s_, sizeof s_, 0) != sizeof s_) std::abort();
}

void write_hex(char* out, std::uint64_t value) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kHex[(value >> shift) & 15];
}

}  // namespace sallyport
