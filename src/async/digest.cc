// See digest.h.
#include "async/digest.h"

#include <openssl/sha.h>

#include <array>

#include "base/text.h"

namespace sallyport::async {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  // OpenSSL takes text as unsigned bytes.
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string out;
  out.reserve(digest.size() * 2);
  for (unsigned char byte : digest) text::append_hex(out, byte);
  return out;
}

}  // namespace sallyport::async
