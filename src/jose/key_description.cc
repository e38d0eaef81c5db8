// The public half of a key as a JWK, and its thumbprint (RFC 7638).
#include <openssl/core_names.h>
#include <openssl/sha.h>

#include <optional>

#include "base/base64url.h"
#include "base/json_writer.h"
#include "jose/key_state.h"

namespace sallyport::jose {
namespace {

// A number as base64urlUInt (RFC 7518 section 2); empty: the key has none of that name.
std::string number_of(EVP_PKEY* pair, const char* name) {
  BIGNUM* taken = nullptr;
  if (EVP_PKEY_get_bn_param(pair, name, &taken) != 1) return "";
  const std::unique_ptr<BIGNUM, async::FreeWith<BN_free>> number(taken);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return base64url_encode(bytes);
}

// The public point as it is encoded: 04, x, y of a curve; the whole of an Edwards curve's.
std::string point_of(EVP_PKEY* pair) {
  std::array<unsigned char, 160> bytes;
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(),
                                      &size) != 1) {
    return "";
  }
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string_view curve_of(Algorithm algorithm) {
  if (algorithm == Algorithm::es256) return "P-256";
  return algorithm == Algorithm::es384 ? "P-384" : "P-521";
}

Algorithm first_of(AlgorithmSet set) {
  std::optional<Algorithm> first;
  set.for_each([&first](Algorithm each) { first = first.value_or(each); });
  return first.value();
}

// Empty: something is missing. All values are plain text that needs no escapes.
std::string members_of(const KeyState& state) {
  EVP_PKEY* pair = state.pair.get();
  const Algorithm algorithm = first_of(state.algorithms);
  const auto member = [](std::string_view name, std::string_view value) {
    return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
  };
  if (family_of(algorithm) == Family::ecdsa) {
    const std::string point = point_of(pair);
    const std::size_t size = state.coordinate_size;
    if (point.size() != 1 + 2 * size || point.front() != 4) return "";
    return member("crv", curve_of(algorithm)) + "," + member("kty", "EC") + "," +
           member("x", base64url_encode(point.substr(1, size))) + "," +
           member("y", base64url_encode(point.substr(1 + size)));
  }
  if (family_of(algorithm) == Family::eddsa) {
    const bool small = EVP_PKEY_get_base_id(pair) == EVP_PKEY_ED25519;
    const std::string point = point_of(pair);
    if (point.empty()) return "";
    return member("crv", small ? "Ed25519" : "Ed448") + "," + member("kty", "OKP") + "," +
           member("x", base64url_encode(point));
  }
  const std::string exponent = number_of(pair, OSSL_PKEY_PARAM_RSA_E);
  const std::string modulus = number_of(pair, OSSL_PKEY_PARAM_RSA_N);
  if (exponent.empty() || modulus.empty()) return "";
  return member("e", exponent) + "," + member("kty", "RSA") + "," + member("n", modulus);
}

}  // namespace

bool describe(KeyState& state) {
  state.public_members = members_of(state);
  if (state.public_members.empty()) return false;
  const std::string canonical = "{" + state.public_members + "}";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(canonical.data()), canonical.size(), digest.data());
  state.thumbprint =
      base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return true;
}

std::string Key::to_public_jwk() const {
  if (is_secret()) return "";
  std::string rest;
  JsonWriter json(rest);
  json.begin_object();
  if (!id().empty()) json.string("kid", id());
  json.string("use", "sig");
  if (const Algorithm first = first_of(algorithms()); AlgorithmSet{first} == algorithms()) {
    json.string("alg", name_of(first));
  }
  json.end_object();
  return "{" + state_->public_members + "," + rest.substr(1);
}

}  // namespace sallyport::jose
