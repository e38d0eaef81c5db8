// OpenSSL's interface of the digest itself, deprecated as it is: its replacement allocates on each
// use, which costs more than the digest of a short message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "store/sealing/keyed_hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <new>

namespace sallyport::store {

struct KeyedHash::States {
  SHA256_CTX inner;
  SHA256_CTX outer;
};

KeyedHash::KeyedHash(std::string_view key) : states_(sizeof(States)) {
  std::array<std::uint8_t, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, key.data(), key.size());
    SHA256_Final(block.data(), &context);
    OPENSSL_cleanse(&context, sizeof context);
  } else {
    std::ranges::copy(key, block.begin());
  }
  auto* states = new (states_.data()) States;  // in place: the memory is ours and locked
  const auto start = [&block](SHA256_CTX& context, std::uint8_t pad) {
    std::array<std::uint8_t, SHA256_CBLOCK> padded{};
    std::ranges::transform(block, padded.begin(), [pad](std::uint8_t byte) {
      return static_cast<std::uint8_t>(byte ^ pad);
    });
    SHA256_Init(&context);
    SHA256_Update(&context, padded.data(), padded.size());
    OPENSSL_cleanse(padded.data(), padded.size());
  };
  start(states->inner, 0x36);
  start(states->outer, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

Hash KeyedHash::operator()(std::string_view message) const {
  const auto* states = std::launder(reinterpret_cast<const States*>(states_.data()));
  Hash digest;
  SHA256_CTX context = states->inner;
  SHA256_Update(&context, message.data(), message.size());
  SHA256_Final(digest.data(), &context);
  context = states->outer;
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  OPENSSL_cleanse(&context, sizeof context);
  return digest;
}

bool equal_in_constant_time(const Hash& a, const Hash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sallyport::store
