// See digest.h.
#include "async/digest.h"

#include <openssl/evp.h>
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

Digest::Digest(Kind kind) : context_(EVP_MD_CTX_new()) {
  const EVP_MD* hash = kind == Kind::sha256   ? EVP_sha256()
                       : kind == Kind::sha384 ? EVP_sha384()
                                              : EVP_sha512();
  if (context_ == nullptr || EVP_DigestInit_ex(context_, hash, nullptr) == 1) return;
  EVP_MD_CTX_free(std::exchange(context_, nullptr));
}

Digest::~Digest() { EVP_MD_CTX_free(context_); }

void Digest::update(std::span<const std::byte> bytes) {
  if (context_ == nullptr || EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1) return;
  EVP_MD_CTX_free(std::exchange(context_, nullptr));
}

std::string Digest::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (context_ == nullptr ||
      EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), &size) != 1) {
    return {};
  }
  out.resize(size);
  return out;
}

}  // namespace sallyport::async
