// See digest.h.
#include "async/digest.h"

#include <openssl/sha.h>

#include "base/text.h"

namespace sallyport::async {

std::string sha256_bytes(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  // OpenSSL takes text as unsigned bytes.
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string sha256(std::string_view bytes) {
  std::string out;
  for (char byte : sha256_bytes(bytes)) text::append_hex(out, static_cast<unsigned char>(byte));
  return out;
}

}  // namespace sallyport::async
