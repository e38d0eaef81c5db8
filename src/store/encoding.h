// Bytes as text: base32 and base64url (RFC 4648), without padding. Decoding accepts the one text
// that encoding gives and nothing else, so that a secret has one spelling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::store {

using Hash = std::array<std::uint8_t, 32>;

// Decodes `text` into exactly `size` bytes at `out`; false: it is no such text. What was written
// to `out` by then is then not to be used.
[[nodiscard]] bool from_base64url(std::string_view text, std::uint8_t* out, std::size_t size);

[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] bool from_hex(std::string_view text, std::uint8_t* out, std::size_t size);

[[nodiscard]] inline std::string_view as_text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};  // bytes as text
}
[[nodiscard]] inline std::string_view as_text(const Hash& hash) {
  return as_text(hash.data(), hash.size());
}
[[nodiscard]] inline const std::uint8_t* as_bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());  // text as bytes
}

// `size` bytes from the kernel's generator by way of OpenSSL's; aborts when there are none, for
// secrets that can be guessed would be worse.
void random_bytes(std::uint8_t* out, std::size_t size);

}  // namespace sallyport::store
