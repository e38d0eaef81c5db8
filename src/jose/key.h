// A key that verifies or makes signatures. What it may be used for is decided when it is made, so
// no token can talk a public key into being a secret, or a curve into being another.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jose/algorithm.h"
#include "jose/secret_bytes.h"
#include "json/document.h"

namespace sallyport::jose {

struct KeyState;

enum class Purpose : std::uint8_t { verify, sign };

// Immutable: any thread may use it. Errors are sentences that hold nothing of the key.
class Key {
 public:
  // From a JSON Web Key (RFC 7517, 7518 section 6, 8037). For `verify` private members are ignored;
  // for `sign` they are needed. Refused: `use` other than "sig", `key_ops` without the purpose,
  // `alg` that is unknown or does not fit, RSA below 2048 bits or known to be weak, points off
  // their curve, secrets shorter than the hash.
  [[nodiscard]] static std::expected<Key, std::string> from_jwk(json::Value jwk,
                                                                Purpose purpose = Purpose::verify);

  // From PEM: a public key or a certificate; for `sign` an unencrypted private key. May be used
  // with those of `algorithms` that fit it.
  [[nodiscard]] static std::expected<Key, std::string> from_pem(
      std::string_view pem, std::string id, AlgorithmSet algorithms = AlgorithmSet::all(),
      Purpose purpose = Purpose::verify);

  // A secret for HS256, HS384 and HS512, as far as it is long enough and they are in `algorithms`.
  // A PEM or a JWK is refused: a public key that passes for a secret lets everyone sign.
  [[nodiscard]] static std::expected<Key, std::string> from_secret(
      std::string_view secret, std::string id, AlgorithmSet algorithms = AlgorithmSet::all());

  // A new one that can sign: RSA of 3072 bits, the curve of an ES algorithm, Ed25519, or a random
  // secret as long as the hash.
  [[nodiscard]] static std::expected<Key, std::string> generate(Algorithm algorithm,
                                                                std::string id);

  explicit Key(std::unique_ptr<const KeyState> state);
  Key(Key&&) noexcept;
  Key& operator=(Key&&) noexcept;
  ~Key();

  // `kid`; empty: it has none.
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] AlgorithmSet algorithms() const;
  [[nodiscard]] bool can_sign() const;
  // A secret that both sides hold, rather than a pair of keys.
  [[nodiscard]] bool is_secret() const;

  // Whether `signature`, as JOSE writes it, is one of `input`. False for an algorithm that the key
  // may not be used with.
  [[nodiscard]] bool verify(Algorithm algorithm, std::string_view input,
                            std::string_view signature) const;
  [[nodiscard]] std::expected<std::string, std::string> sign(Algorithm algorithm,
                                                             std::string_view input) const;

  // SHA-256 of the public key as RFC 7638 and 8037 write it, in base64url; empty of a secret, which
  // it would give hints about.
  [[nodiscard]] const std::string& thumbprint() const;
  // The public key with `kid`, `use` and, if there is one only, `alg`; empty of a secret.
  [[nodiscard]] std::string to_public_jwk() const;
  // The private key as from_pem() reads it; an error of a key that has none, or is a secret.
  [[nodiscard]] std::expected<SecretBytes, std::string> to_private_pem() const;

 private:
  std::unique_ptr<const KeyState> state_;
};

}  // namespace sallyport::jose
