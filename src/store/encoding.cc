// See encoding.h.
#include "store/encoding.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <span>

#include "base/base64url.h"
#include "base/text.h"

namespace sallyport::store {

bool from_base64url(std::string_view text, std::uint8_t* out, std::size_t size) {
  return base64url_decoded_size(text.size()) == size &&
         base64url_decode(text, std::span(reinterpret_cast<char*>(out), size));
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
