// See encoding.h.
#include "store/encoding.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "base/text.h"

namespace sallyport::store {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += kAlphabet[(pending >> bits) & 63];
    }
  }
  if (bits > 0) out += kAlphabet[(pending << (6 - bits)) & 63];
  return out;
}

bool from_base64url(std::string_view text, std::uint8_t* out, std::size_t size) {
  if (text.size() != (size * 4 + 2) / 3) return false;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t written = 0;
  for (char c : text) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    pending = (pending << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[written++] = static_cast<std::uint8_t>(pending >> bits);
  }
  // The bits left over carry nothing, and a text that sets them would be a second spelling.
  return (pending & ((1U << bits) - 1)) == 0;
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) text::append_hex(out, static_cast<unsigned char>(c));
  return out;
}

bool from_hex(std::string_view text, std::uint8_t* out, std::size_t size) {
  if (text.size() != size * 2) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = text::hex_digit(text[2 * i]);
    const int low = text::hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

void random_bytes(std::uint8_t* out, std::size_t size) {
  if (RAND_priv_bytes(out, static_cast<int>(size)) != 1) std::abort();
}

}  // namespace sallyport::store
