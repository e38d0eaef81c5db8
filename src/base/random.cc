#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace sallyport {

Random::Random() {
  // The kernel's pool is ready long before any service starts; failing here means no identifiers
  // could be told apart, so it is a reason to stop the program.
  if (getrandom(s_, sizeof s_, 0) != sizeof s_) std::abort();
}

namespace {

// The two digits of every byte: identifiers are written several times per request.
constexpr std::array<char, 512> kPairs = [] {
  constexpr char kHex[] = "0123456789abcdef";  // NOLINT(*-avoid-c-arrays)
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kHex[i >> 4];
    pairs[2 * i + 1] = kHex[i & 15];
  }
  return pairs;
}();

}  // namespace

void write_hex(char* out, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) {
    std::memcpy(out + std::size_t{2} * i, &kPairs[2 * ((value >> (56 - 8 * i)) & 255)], 2);
  }
}

}  // namespace sallyport
