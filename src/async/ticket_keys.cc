#include "async/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace sallyport::async {
namespace {

constexpr std::size_t kNameSize = 16;
constexpr std::size_t kKept = 3;  // the current key and the previous two

struct Key {
  std::array<unsigned char, kNameSize> name{};
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};
};

void fill(unsigned char* bytes, std::size_t size) {
  // Tickets under a predictable key would be worse than none, and nothing works without randomness.
  if (RAND_priv_bytes(bytes, static_cast<int>(size)) != 1) std::abort();
}

void free_attached(void* /*parent*/, void* pointer, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                   long /*argl*/, void* /*argp*/) {
  delete static_cast<std::shared_ptr<TicketKeys>*>(pointer);  // owned by the SSL_CTX
}

int attached_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_attached);
  return index;
}

}  // namespace

struct TicketKeys::State {
  std::shared_mutex mutex;
  std::vector<Key> keys;  // newest first
  // Fetched once: looking an algorithm up by name costs more than encrypting a ticket.
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
};

TicketKeys::TicketKeys() : state_(std::make_unique<State>()) {
  state_->keys.reserve(kKept + 1);  // growing would leave copies of keys behind
  rotate();
}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(state_->keys.data(), state_->keys.size() * sizeof(Key));
  EVP_CIPHER_free(state_->cipher);
}

void TicketKeys::rotate() {
  Key fresh;
  fill(fresh.name.data(), fresh.name.size());
  fill(fresh.cipher.data(), fresh.cipher.size());
  fill(fresh.mac.data(), fresh.mac.size());
  std::scoped_lock lock(state_->mutex);
  state_->keys.insert(state_->keys.begin(), fresh);
  OPENSSL_cleanse(&fresh, sizeof fresh);
  if (state_->keys.size() > kKept) {
    OPENSSL_cleanse(&state_->keys.back(), sizeof(Key));
    state_->keys.pop_back();
  }
}

bool TicketKeys::attach(SSL_CTX* context, std::shared_ptr<TicketKeys> keys) {
  auto owned = std::make_unique<std::shared_ptr<TicketKeys>>(std::move(keys));
  if (SSL_CTX_set_ex_data(context, attached_index(), owned.get()) != 1) return false;
  (void)owned.release();  // NOLINT(bugprone-unused-return-value)
  return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &TicketKeys::on_ticket) == 1;
}

int TicketKeys::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                          EVP_MAC_CTX* mac, int encrypt) {
  constexpr int kFail = -1;
  constexpr int kUnknown = 0;
  constexpr int kAccept = 1;
  constexpr int kAcceptAndRenew = 2;

  auto* attached = static_cast<std::shared_ptr<TicketKeys>*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), attached_index()));
  if (attached == nullptr) return kFail;
  State& state = *(*attached)->state_;

  std::shared_lock lock(state.mutex);
  auto key = state.keys.begin();
  if (encrypt == 0) {
    key = std::ranges::find_if(state.keys, [name](const Key& candidate) {
      return std::memcmp(candidate.name.data(), name, kNameSize) == 0;
    });
    if (key == state.keys.end()) return kUnknown;
  } else {
    std::memcpy(name, key->name.data(), kNameSize);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(state.cipher)) != 1) return kFail;
  }

  char digest[] = "SHA256";  // OSSL_PARAM wants it writable
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac.data(), key->mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (EVP_MAC_CTX_set_params(mac, parameters.data()) != 1 ||
      EVP_CipherInit_ex(cipher, state.cipher, nullptr, key->cipher.data(), iv, encrypt) != 1) {
    return kFail;
  }
  if (encrypt != 0) return kAccept;
  // A TLS 1.3 ticket is good for one connection (RFC 8446 C.4), so there is always a new one.
  bool renew = key != state.keys.begin() || SSL_version(ssl) >= TLS1_3_VERSION;
  return renew ? kAcceptAndRenew : kAccept;
}

}  // namespace sallyport::async
