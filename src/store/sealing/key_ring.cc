// See key_ring.h.
#include "store/sealing/key_ring.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "store/encoding.h"

namespace sallyport::store {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kIdSize = std::tuple_size_v<MasterKey::Id>;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kHeaderSize = 1 + kIdSize;
constexpr std::size_t kOverhead = kHeaderSize + kNonceSize + kTagSize;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher make_cipher() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

std::string header_of(const MasterKey& key) {
  std::string header(1, kFormat);
  header += as_text(key.id().data(), key.id().size());
  return header;
}

// What is authenticated beside the secret. The header has a fixed size, so the two cannot run into
// each other.
std::string bound(std::string_view header, std::string_view context) {
  return std::string(header).append(context);
}

unsigned char* writable(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());  // text as bytes, as OpenSSL wants them
}

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

KeyRing::KeyRing(MasterKey current, std::vector<MasterKey> previous) {
  const auto add = [this](MasterKey key) {
    LockedMemory sealing = key.derive("sallyport sealing");
    slots_.push_back({.master = std::move(key), .sealing = std::move(sealing)});
  };
  add(std::move(current));
  for (MasterKey& key : previous) add(std::move(key));
}

std::string KeyRing::seal(std::string_view secret, std::string_view context) const {
  const Slot& slot = slots_.front();
  std::string out = header_of(slot.master);
  const std::string bytes = bound(out, context);
  out.resize(kOverhead + secret.size());
  unsigned char* nonce = writable(out) + kHeaderSize;
  unsigned char* text = nonce + kNonceSize;
  random_bytes(nonce, kNonceSize);
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool sealed =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, slot.sealing.data(), nonce) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, as_bytes(bytes), size_of(bytes)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), text, &size, as_bytes(secret), size_of(secret)) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), text + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, text + secret.size()) == 1;
  if (!sealed) std::abort();  // out of memory, or a library without AES
  return out;
}

Outcome<SecretText> KeyRing::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kOverhead || sealed.front() != kFormat) {
    return fail(ErrorKind::corrupt, "the sealed secret " + std::string(context) +
                                        " is damaged: restore the database from a backup");
  }
  const Slot* slot = slot_of(sealed);
  if (slot == nullptr) {
    return fail(ErrorKind::refused,
                "the secret " + std::string(context) + " was sealed under the master key " +
                    hex(sealed.substr(1, kIdSize)) + ", and the one given is " +
                    hex(as_text(current().id().data(), kIdSize)) +
                    ": give the right key, or the former one beside the new one");
  }
  const std::string bytes = bound(sealed.substr(0, kHeaderSize), context);
  std::string_view rest = sealed.substr(kHeaderSize);
  std::string tag(rest.substr(rest.size() - kTagSize));
  const std::string_view nonce = rest.substr(0, kNonceSize);
  const std::string_view text = rest.substr(kNonceSize, rest.size() - kNonceSize - kTagSize);
  std::string secret(text.size(), '\0');
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, slot->sealing.data(),
                         as_bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, as_bytes(bytes), size_of(bytes)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), writable(secret), &size, as_bytes(text), size_of(text)) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), writable(secret) + size, &size) == 1;
  SecretText out(std::move(secret));
  if (!opened) {
    return fail(ErrorKind::corrupt, "the sealed secret " + std::string(context) +
                                        " was altered or belongs to another record: restore the "
                                        "database from a backup");
  }
  return out;
}

KeyRing KeyRing::branch(std::string_view purpose) const {
  std::vector<MasterKey> previous;
  for (std::size_t i = 1; i < slots_.size(); ++i) {
    previous.push_back(slots_[i].master.branch(purpose));
  }
  return KeyRing(current().branch(purpose), std::move(previous));
}

bool KeyRing::is_stale(std::string_view sealed) const { return slot_of(sealed) != &slots_.front(); }

const KeyRing::Slot* KeyRing::slot_of(std::string_view sealed) const {
  if (sealed.size() < kHeaderSize) return nullptr;
  const std::string_view id = sealed.substr(1, kIdSize);
  auto found = std::ranges::find_if(
      slots_, [id](const Slot& slot) { return as_text(slot.master.id().data(), kIdSize) == id; });
  return found == slots_.end() ? nullptr : &*found;
}

}  // namespace sallyport::store
