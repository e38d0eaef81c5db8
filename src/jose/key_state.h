// What a Key is made of, for the files that make keys.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "async/openssl_handles.h"
#include "jose/algorithm.h"
#include "jose/key.h"

namespace sallyport::jose {

using DigestHandle = std::unique_ptr<EVP_MD_CTX, async::FreeWith<EVP_MD_CTX_free>>;
using MacHandle = std::unique_ptr<EVP_MAC_CTX, async::FreeWith<EVP_MAC_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, async::FreeWith<EVP_PKEY_CTX_free>>;

// A computation that is ready to begin is kept for every algorithm and copied for every use:
// beginning anew would look its parts up by name, under locks.
template <typename Handle>
using Begun = std::array<Handle, kAlgorithms>;

struct KeyState {
  std::string id;
  AlgorithmSet algorithms;
  bool can_sign = false;
  async::KeyHandle pair;  // null: a secret, which is only in `mac`
  Begun<DigestHandle> verifying;
  Begun<DigestHandle> signing;
  Begun<MacHandle> mac;
  std::size_t signature_size = 0;   // of RSA and EdDSA
  std::size_t coordinate_size = 0;  // of ECDSA
  std::string public_members;       // of the JWK: the required ones, in the order of their names
  std::string thumbprint;
};

// "SHA256" for RS256, as OpenSSL names it; null for EdDSA.
[[nodiscard]] const char* digest_name(Algorithm algorithm);

// HMAC with that secret and that digest, ready to begin; null: OpenSSL cannot.
[[nodiscard]] MacHandle begin_mac(std::string_view secret, const char* digest);

// A Key of `pair`, checked; with those of `algorithms` that it fits.
[[nodiscard]] std::expected<Key, std::string> make_key(async::KeyHandle pair, std::string id,
                                                       AlgorithmSet algorithms, Purpose purpose);

// Why the key may not be used; empty when it may.
[[nodiscard]] std::string weakness_of(EVP_PKEY* pair);

// Sets `public_members` and `thumbprint`. False: OpenSSL does not give the numbers.
[[nodiscard]] bool describe(KeyState& state);

}  // namespace sallyport::jose
