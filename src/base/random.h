// Random numbers: a fast generator for identifiers and load balancing, and the kernel's for
// secrets.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport {

// xoshiro256++ (Blackman, Vigna). Seeded from the kernel; one per thread. Not for secrets or keys.
class Random {
 public:
  Random();

  std::uint64_t next() {
    std::uint64_t result = std::rotl(s_[0] + s_[3], 23) + s_[0];
    std::uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }

  // Uniform in [0, bound); bound > 0.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  std::uint64_t s_[4];
};

// Fills `out` (at most 256 bytes) with bytes from the kernel's generator, good for secrets and
// keys. Ends the program if there are none: nothing that depends on them would be safe.
void fill_with_secret_bytes(std::span<std::byte> out);

// A key for a hash that nobody outside can predict.
[[nodiscard]] std::array<std::uint64_t, 2> random_hash_key();

// Writes `value` as 16 lower-case hexadecimal digits.
void write_hex(char* out, std::uint64_t value);

}  // namespace sallyport
