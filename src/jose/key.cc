// Verifying and signing with a key that is made. Nothing here looks anything up by name.
#include "jose/key.h"

#include <openssl/crypto.h>

#include "jose/ecdsa_signature.h"
#include "jose/key_state.h"

namespace sallyport::jose {
namespace {

constexpr std::size_t kMostMac = 64;

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::size_t index_of(Algorithm algorithm) { return static_cast<std::size_t>(algorithm); }

struct Mac {
  std::array<unsigned char, kMostMac> bytes;
  std::size_t size = 0;
};

// Of size 0: out of memory.
Mac mac_of(const EVP_MAC_CTX* begun, std::string_view input) {
  Mac mac;
  const MacHandle context(EVP_MAC_CTX_dup(begun));
  if (context == nullptr ||
      EVP_MAC_update(context.get(), unsigned_bytes(input), input.size()) != 1 ||
      EVP_MAC_final(context.get(), mac.bytes.data(), &mac.size, mac.bytes.size()) != 1) {
    mac.size = 0;
  }
  return mac;
}

DigestHandle copy_of(const EVP_MD_CTX* begun) {
  DigestHandle context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_MD_CTX_copy_ex(context.get(), begun) != 1) return nullptr;
  // It is used once, so OpenSSL need not keep it fit for more.
  EVP_MD_CTX_set_flags(context.get(), EVP_MD_CTX_FLAG_FINALISE);
  return context;
}

bool verify_pair(const EVP_MD_CTX* begun, std::string_view input, const unsigned char* signature,
                 std::size_t size) {
  const DigestHandle context = copy_of(begun);
  const bool good =
      context != nullptr &&
      EVP_DigestVerify(context.get(), signature, size, unsigned_bytes(input), input.size()) == 1;
  // What is left in the queue would be taken for an error of the next TLS connection.
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace

Key::Key(std::unique_ptr<const KeyState> state) : state_(std::move(state)) {}
Key::Key(Key&&) noexcept = default;
Key& Key::operator=(Key&&) noexcept = default;
Key::~Key() = default;

const std::string& Key::id() const { return state_->id; }
AlgorithmSet Key::algorithms() const { return state_->algorithms; }
bool Key::can_sign() const { return state_->can_sign; }
bool Key::is_secret() const { return state_->pair == nullptr; }
const std::string& Key::thumbprint() const { return state_->thumbprint; }

bool Key::verify(Algorithm algorithm, std::string_view input, std::string_view signature) const {
  const KeyState& state = *state_;
  if (!state.algorithms.contains(algorithm)) return false;
  const std::size_t i = index_of(algorithm);
  switch (family_of(algorithm)) {
    case Family::hmac: {
      const Mac mac = mac_of(state.mac[i].get(), input);
      return mac.size != 0 && mac.size == signature.size() &&
             CRYPTO_memcmp(mac.bytes.data(), signature.data(), mac.size) == 0;
    }
    case Family::ecdsa: {
      const std::optional<DerSignature> der = to_der(signature, state.coordinate_size);
      return der && verify_pair(state.verifying[i].get(), input, der->bytes.data(), der->size);
    }
    default:
      return signature.size() == state.signature_size &&
             verify_pair(state.verifying[i].get(), input, unsigned_bytes(signature),
                         signature.size());
  }
}

std::expected<std::string, std::string> Key::sign(Algorithm algorithm,
                                                  std::string_view input) const {
  const KeyState& state = *state_;
  if (!state.can_sign) return std::unexpected("The key is a public one, which cannot sign.");
  if (!state.algorithms.contains(algorithm)) {
    return std::unexpected("The key may be used with " + to_text(state.algorithms) + ", not with " +
                           std::string(name_of(algorithm)) + ".");
  }
  const std::size_t i = index_of(algorithm);
  if (family_of(algorithm) == Family::hmac) {
    const Mac mac = mac_of(state.mac[i].get(), input);
    if (mac.size == 0) return std::unexpected("OpenSSL could not sign: " + async::openssl_error());
    return std::string(reinterpret_cast<const char*>(mac.bytes.data()), mac.size);
  }
  const DigestHandle context = copy_of(state.signing[i].get());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(state.pair.get())), '\0');
  std::size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     unsigned_bytes(input), input.size()) != 1) {
    return std::unexpected("OpenSSL could not sign: " + async::openssl_error());
  }
  signature.resize(size);
  if (family_of(algorithm) != Family::ecdsa) return signature;
  std::optional<std::string> joined = from_der(signature, state.coordinate_size);
  if (!joined) return std::unexpected("OpenSSL made a signature that is none.");
  return *std::move(joined);
}

}  // namespace sallyport::jose
