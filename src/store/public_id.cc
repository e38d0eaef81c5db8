// See public_id.h.
#include "store/public_id.h"

#include "store/encoding.h"

namespace sallyport::store {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

}  // namespace

PublicId PublicId::random() {
  PublicId id;
  random_bytes(id.bytes_.data(), id.bytes_.size());
  return id;
}

std::optional<PublicId> PublicId::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  PublicId id;
  // Eight characters are five bytes.
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const int value = value_of(text[half * 8 + i]);
      if (value < 0) return std::nullopt;
      bits = (bits << 5) | static_cast<std::uint64_t>(value);
    }
    for (std::size_t i = 0; i < 5; ++i) {
      id.bytes_[half * 5 + i] = static_cast<std::uint8_t>(bits >> (32 - 8 * i));
    }
  }
  return id;
}

std::string PublicId::text() const {
  std::string out;
  out.reserve(kTextSize);
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i) bits = (bits << 8) | bytes_[half * 5 + i];
    for (std::size_t i = 0; i < 8; ++i) out += kAlphabet[(bits >> (35 - 5 * i)) & 31];
  }
  return out;
}

}  // namespace sallyport::store
