#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace sallyport {

Random::Random() { fill_with_secret_bytes(std::as_writable_bytes(std::span(s_))); }

void fill_with_secret_bytes(std::span<std::byte> out) {
  // The kernel's pool is ready long before any service starts, and up to 256 bytes are never cut.
  if (getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) std::abort();
}

std::array<std::uint64_t, 2> random_hash_key() {
  std::array<std::uint64_t, 2> key{};
  fill_with_secret_bytes(std::as_writable_bytes(std::span(key)));
  return key;
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
