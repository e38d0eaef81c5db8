// A fast generator for identifiers and load balancing. Not for secrets or keys.
#pragma once

#include <bit>
#include <cstdint>

namespace sallyport {

// xoshiro256++ (Blackman, Vigna). Seeded from the kernel; one per thread.
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

// Writes `value` as 16 lower-case hexadecimal digits.
void write_hex(char* out, std::uint64_t value);

}  // namespace sallyport
