// From an EVP_PKEY or a secret to a Key: which algorithms it fits, whether it is strong enough, and
// a computation for each algorithm that is ready to begin.
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "jose/key_state.h"
#include "jose/secret_bytes.h"

namespace sallyport::jose {
namespace {

// What an asymmetric key is, as far as algorithms go.
struct Fit {
  AlgorithmSet algorithms;
  std::size_t coordinate_size = 0;
};

std::string group_of(EVP_PKEY* pair) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(pair, name.data(), name.size(), &size) != 1) return "";
  return {name.data(), size};
}

Fit fit_of(EVP_PKEY* pair) {
  constexpr AlgorithmSet kPss{Algorithm::ps256, Algorithm::ps384, Algorithm::ps512};
  switch (EVP_PKEY_get_base_id(pair)) {
    case EVP_PKEY_RSA:
      return {.algorithms = {Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256,
                             Algorithm::ps384, Algorithm::ps512}};
    case EVP_PKEY_RSA_PSS:
      return {.algorithms = kPss};
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return {.algorithms = {Algorithm::eddsa}};
    case EVP_PKEY_EC:
      break;
    default:
      return {};
  }
  const std::string group = group_of(pair);
  if (group == "prime256v1" || group == "P-256") return {{Algorithm::es256}, 32};
  if (group == "secp384r1" || group == "P-384") return {{Algorithm::es384}, 48};
  if (group == "secp521r1" || group == "P-521") return {{Algorithm::es512}, 66};
  return {};
}

using Begin = int (*)(EVP_MD_CTX*, EVP_PKEY_CTX**, const char*, OSSL_LIB_CTX*, const char*,
                      EVP_PKEY*, const OSSL_PARAM*);

// Null: this key and this algorithm do not go together.
DigestHandle begin(Begin how, EVP_PKEY* pair, Algorithm algorithm) {
  DigestHandle context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (context == nullptr ||
      how(context.get(), &options, digest_name(algorithm), nullptr, nullptr, pair, nullptr) != 1) {
    return nullptr;
  }
  if (family_of(algorithm) == Family::rsa_pss &&
      (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) <= 0 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, digest_name(algorithm), nullptr) <= 0)) {
    return nullptr;
  }
  return context;
}

// Prepares an algorithm; false when the key does not go together with it after all, as one that is
// restricted to another hash.
bool prepare(KeyState& state, Algorithm algorithm) {
  const auto i = static_cast<std::size_t>(algorithm);
  state.verifying[i] = begin(EVP_DigestVerifyInit_ex, state.pair.get(), algorithm);
  if (state.can_sign) {
    state.signing[i] = begin(EVP_DigestSignInit_ex, state.pair.get(), algorithm);
  }
  return state.verifying[i] != nullptr && (!state.can_sign || state.signing[i] != nullptr);
}

bool looks_public(std::string_view secret) {
  const std::size_t begin = secret.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  secret.remove_prefix(begin);
  return secret.starts_with("-----BEGIN ") ||
         (secret.front() == '{' && secret.find("\"kty\"") != std::string_view::npos);
}

}  // namespace

const char* digest_name(Algorithm algorithm) {
  switch (hash_size(algorithm)) {
    case 32:
      return "SHA256";
    case 48:
      return "SHA384";
    case 64:
      return "SHA512";
    default:
      return nullptr;
  }
}

MacHandle begin_mac(std::string_view secret, const char* digest) {
  const std::unique_ptr<EVP_MAC, async::FreeWith<EVP_MAC_free>> hmac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacHandle context(hmac != nullptr ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  std::string name = digest;
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
      OSSL_PARAM_construct_end()};
  if (context == nullptr ||
      EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                   secret.size(), parameters.data()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return context;
}

std::expected<Key, std::string> make_key(async::KeyHandle pair, std::string id,
                                         AlgorithmSet algorithms, Purpose purpose) {
  const Fit fit = fit_of(pair.get());
  if (fit.algorithms.empty()) {
    return std::unexpected("The key is of a kind or on a curve that no algorithm here uses.");
  }
  const AlgorithmSet wanted = fit.algorithms.intersection(algorithms);
  if (wanted.empty()) {
    return std::unexpected("The key fits " + to_text(fit.algorithms) + ", but is to be used with " +
                           to_text(algorithms) + ".");
  }
  if (std::string weakness = weakness_of(pair.get()); !weakness.empty()) {
    return std::unexpected(std::move(weakness));
  }
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pair.get(), nullptr));
  const bool sound =
      context != nullptr && (purpose == Purpose::sign ? EVP_PKEY_check(context.get())
                                                      : EVP_PKEY_public_check(context.get())) == 1;
  if (!sound) return std::unexpected("The key is not sound: " + async::openssl_error() + ".");

  auto state = std::make_unique<KeyState>();
  state->id = std::move(id);
  state->can_sign = purpose == Purpose::sign;
  state->signature_size = static_cast<std::size_t>(EVP_PKEY_get_size(pair.get()));
  state->coordinate_size = fit.coordinate_size;
  state->pair = std::move(pair);
  wanted.for_each([&state](Algorithm each) {
    if (prepare(*state, each)) state->algorithms.insert(each);
  });
  ERR_clear_error();
  if (state->algorithms.empty() || !describe(*state)) {
    return std::unexpected("OpenSSL cannot use the key with " + to_text(wanted) + ".");
  }
  return Key(std::move(state));
}

std::expected<Key, std::string> Key::from_secret(std::string_view secret, std::string id,
                                                 AlgorithmSet algorithms) {
  if (looks_public(secret)) {
    return std::unexpected(
        "The secret is a PEM or JWK document. As a secret it would let everyone who has that "
        "document sign; configure it as a key.");
  }
  auto state = std::make_unique<KeyState>();
  state->id = std::move(id);
  state->can_sign = true;
  std::size_t needed = 0;
  for (Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
    if (!algorithms.contains(each)) continue;
    if (needed == 0) needed = hash_size(each);
    if (secret.size() < hash_size(each)) continue;
    MacHandle& begun = state->mac[static_cast<std::size_t>(each)];
    begun = begin_mac(secret, digest_name(each));
    if (begun != nullptr) state->algorithms.insert(each);
  }
  ERR_clear_error();
  if (needed == 0) return std::unexpected("A secret fits HS256, HS384 and HS512 only.");
  if (state->algorithms.empty()) {
    return std::unexpected("The secret has " + std::to_string(secret.size()) +
                           " bytes; the algorithm needs " + std::to_string(needed) + " or more.");
  }
  return Key(std::move(state));
}

std::expected<Key, std::string> Key::generate(Algorithm algorithm, std::string id) {
  async::KeyHandle pair;
  switch (algorithm) {
    case Algorithm::es256:
      pair.reset(EVP_EC_gen("P-256"));
      break;
    case Algorithm::es384:
      pair.reset(EVP_EC_gen("P-384"));
      break;
    case Algorithm::es512:
      pair.reset(EVP_EC_gen("P-521"));
      break;
    case Algorithm::eddsa:
      pair.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
      break;
    default:
      if (family_of(algorithm) == Family::hmac) {
        SecretBytes secret(hash_size(algorithm));
        if (RAND_priv_bytes(secret.bytes().data(), static_cast<int>(secret.size())) != 1) break;
        return from_secret(secret.text(), std::move(id), {algorithm});
      }
      pair.reset(EVP_RSA_gen(3072));
  }
  if (pair == nullptr) {
    return std::unexpected("OpenSSL made no key: " + async::openssl_error() + ".");
  }
  return make_key(std::move(pair), std::move(id), {algorithm}, Purpose::sign);
}

}  // namespace sallyport::jose
