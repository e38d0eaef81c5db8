#include "jose/mac_key.h"

#include <openssl/crypto.h>

#include <utility>

#include "jose/key_state.h"

namespace sallyport::jose {

struct MacKey::State {
  MacHandle begun;
};

MacKey::MacKey(std::unique_ptr<const State> state) : state_(std::move(state)) {}
MacKey::MacKey(MacKey&&) noexcept = default;
MacKey& MacKey::operator=(MacKey&&) noexcept = default;
MacKey::~MacKey() = default;

std::expected<MacKey, std::string> MacKey::make(MacHash hash, std::string_view secret) {
  MacHandle begun = begin_mac(secret, hash == MacHash::sha256 ? "SHA256" : "SHA512");
  if (begun == nullptr) return std::unexpected("OpenSSL cannot compute HMAC with the secret.");
  return MacKey(std::make_unique<const State>(std::move(begun)));
}

Mac MacKey::of(std::span<const std::string_view> message) const {
  Mac mac;
  const MacHandle context(EVP_MAC_CTX_dup(state_->begun.get()));
  bool good = context != nullptr;
  for (const std::string_view piece : message) {
    good =
        good && EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(piece.data()),
                               piece.size()) == 1;
  }
  if (!good || EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.bytes.data()),
                             &mac.size, mac.bytes.size()) != 1) {
    mac.size = 0;
    ERR_clear_error();
  }
  return mac;
}

bool equal_in_constant_time(std::string_view right, std::string_view given) {
  return !right.empty() && right.size() == given.size() &&
         CRYPTO_memcmp(right.data(), given.data(), right.size()) == 0;
}

}  // namespace sallyport::jose
