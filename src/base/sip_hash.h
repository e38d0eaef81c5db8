// A keyed hash for tables whose keys strangers choose, and for telling texts apart without keeping
// them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sallyport {

// SipHash-2-4 with a result of 128 bits (Aumasson, Bernstein): for whoever does not know the key,
// two tokens with one hash are as hard to find as for a random function.
class SipHash {
 public:
  explicit SipHash(const std::array<std::uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736f'6d65'7073'6575U),
        v1_(key[1] ^ 0x646f'7261'6e64'6f6dU ^ 0xee),
        v2_(key[0] ^ 0x6c79'6765'6e65'7261U),
        v3_(key[1] ^ 0x7465'6462'7974'6573U) {}

  std::array<std::uint64_t, 2> of(std::string_view text) {
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      at += sizeof word;
      take(word);
    }
    std::uint64_t last = std::uint64_t{text.size()} << 56;
    for (std::size_t i = 0; i < left; ++i) {
      last |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    }
    take(last);
    v2_ ^= 0xee;
    for (int i = 0; i < 4; ++i) round();
    const std::uint64_t first = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int i = 0; i < 4; ++i) round();
    return {first, v0_ ^ v1_ ^ v2_ ^ v3_};
  }

 private:
  void take(std::uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace sallyport
