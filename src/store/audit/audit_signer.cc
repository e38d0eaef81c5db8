// See audit_signer.h.
#include "store/audit/audit_signer.h"

#include <algorithm>
#include <cstdlib>

#include "async/digest.h"
#include "async/openssl_handles.h"
#include "base/base64url.h"
#include "store/encoding.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kSignatureSize = 64;

using async::KeyHandle;
using Digest = std::unique_ptr<EVP_MD_CTX, async::FreeWith<EVP_MD_CTX_free>>;

// A signature of ours is about a head and nothing else.
std::string signed_text(std::string_view hash) {
  return std::string("sallyport audit head 1\n").append(hash);
}

std::string id_of(std::string_view public_key_hex) {
  return async::sha256(public_key_hex).substr(0, AuditSigner::kIdSize);
}

KeyHandle private_key(const LockedMemory& seed) {
  KeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  if (key == nullptr) std::abort();  // out of memory, or a library without Ed25519
  return key;
}

}  // namespace

AuditSigner::AuditSigner(const MasterKey& master) : seed_(master.derive("sallyport audit heads")) {
  std::array<std::uint8_t, 32> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(private_key(seed_).get(), bytes.data(), &size) != 1) {
    std::abort();
  }
  public_key_ = hex(as_text(bytes.data(), bytes.size()));
  id_ = id_of(public_key_);
}

std::string AuditSigner::sign(std::string_view hash) const {
  const std::string text = signed_text(hash);
  std::array<std::uint8_t, kSignatureSize> signature{};
  std::size_t size = signature.size();
  const KeyHandle key = private_key(seed_);
  const Digest digest(EVP_MD_CTX_new());
  if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), signature.data(), &size, as_bytes(text), text.size()) != 1) {
    std::abort();
  }
  return base64url_encode(as_text(signature.data(), signature.size()));
}

std::expected<void, std::string> AuditVerifier::add(std::string_view public_key) {
  Key key;
  if (!from_hex(public_key, key.bytes.data(), key.bytes.size())) {
    return std::unexpected("the public key of an audit trail is 64 hexadecimal digits, not \"" +
                           std::string(public_key) + "\"");
  }
  key.id = id_of(hex(as_text(key.bytes.data(), key.bytes.size())));
  keys_.push_back(std::move(key));
  return {};
}

bool AuditVerifier::verify(std::string_view id, std::string_view hash,
                           std::string_view signature) const {
  const Key* known = find(id);
  std::array<std::uint8_t, kSignatureSize> bytes{};
  if (known == nullptr || !from_base64url(signature, bytes.data(), bytes.size())) return false;
  const std::string text = signed_text(hash);
  const KeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, known->bytes.data(),
                                                  known->bytes.size()));
  const Digest digest(EVP_MD_CTX_new());
  return key != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), bytes.data(), bytes.size(), as_bytes(text), text.size()) ==
             1;
}

const AuditVerifier::Key* AuditVerifier::find(std::string_view id) const {
  auto found = std::ranges::find(keys_, id, &Key::id);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace sallyport::store
