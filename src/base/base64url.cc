#include "base/base64url.h"

#include <array>
#include <cstdint>

namespace sallyport {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint32_t kNoDigit = 0x80;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t value(char c) { return kValues[static_cast<unsigned char>(c)]; }
std::uint32_t byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  while (bytes.size() >= 3) {
    const std::uint32_t bits = byte(bytes[0]) << 16 | byte(bytes[1]) << 8 | byte(bytes[2]);
    for (int shift = 18; shift >= 0; shift -= 6) out += kDigits[bits >> shift & 63];
    bytes.remove_prefix(3);
  }
  if (bytes.empty()) return out;
  const std::uint32_t bits = byte(bytes[0]) << 16 | (bytes.size() == 2 ? byte(bytes[1]) << 8 : 0);
  out += kDigits[bits >> 18];
  out += kDigits[bits >> 12 & 63];
  if (bytes.size() == 2) out += kDigits[bits >> 6 & 63];
  return out;
}

std::optional<std::size_t> base64url_decode(std::string_view text, std::span<char> out) {
  const std::size_t size = base64url_decoded_size(text.size());
  if (text.size() % 4 == 1 || out.size() < size) return std::nullopt;
  char* to = out.data();
  auto put = [&to](std::uint32_t bits) { *to++ = static_cast<char>(bits); };
  std::uint32_t seen = 0;  // of all values together: one look at the end finds a wrong character
  while (text.size() >= 4) {
    const std::uint32_t a = value(text[0]);
    const std::uint32_t b = value(text[1]);
    const std::uint32_t c = value(text[2]);
    const std::uint32_t d = value(text[3]);
    seen |= a | b | c | d;
    put(a << 2 | b >> 4);
    put(b << 4 | c >> 2);
    put(c << 6 | d);
    text.remove_prefix(4);
  }
  std::uint32_t left_over = 0;
  if (text.size() >= 2) {
    const std::uint32_t a = value(text[0]);
    const std::uint32_t b = value(text[1]);
    seen |= a | b;
    put(a << 2 | b >> 4);
    left_over = b & 15;
    if (text.size() == 3) {
      const std::uint32_t c = value(text[2]);
      seen |= c;
      put(b << 4 | c >> 2);
      left_over = c & 3;
    }
  }
  if ((seen & kNoDigit) != 0 || left_over != 0) return std::nullopt;
  return size;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string out(base64url_decoded_size(text.size()), '\0');
  if (!base64url_decode(text, std::span(out))) return std::nullopt;
  return out;
}

}  // namespace sallyport
