// Keys from PEM (RFC 7468): public keys, certificates, private keys that are not encrypted.
#include <openssl/pem.h>

#include <algorithm>

#include "jose/key_state.h"

namespace sallyport::jose {
namespace {

constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEncrypted = "ENCRYPTED";

// Nobody is there to be asked for one.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

async::KeyHandle public_key(BIO* pem, bool certificate) {
  if (!certificate) {
    return async::KeyHandle(PEM_read_bio_PUBKEY(pem, nullptr, no_passphrase, nullptr));
  }
  const async::X509Handle read(PEM_read_bio_X509(pem, nullptr, no_passphrase, nullptr));
  return async::KeyHandle(read == nullptr ? nullptr : X509_get_pubkey(read.get()));
}

}  // namespace

std::expected<Key, std::string> Key::from_pem(std::string_view pem, std::string id,
                                              AlgorithmSet algorithms, Purpose purpose) {
  const async::BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return std::unexpected("OpenSSL ran out of memory.");
  const bool certificate = pem.find(kCertificate) != std::string_view::npos;
  async::KeyHandle pair =
      purpose == Purpose::sign
          ? async::KeyHandle(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr))
          : public_key(bio.get(), certificate);
  ERR_clear_error();
  if (pair != nullptr) return make_key(std::move(pair), std::move(id), algorithms, purpose);
  if (purpose == Purpose::verify) {
    return std::unexpected(
        "There is no public key and no certificate in it. Expected is PEM: a block that begins "
        "with "
        "-----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----.");
  }
  if (pem.find(kEncrypted) != std::string_view::npos) {
    return std::unexpected(
        "The private key is encrypted. Decrypt it (openssl pkey) and protect the file instead.");
  }
  return std::unexpected(
      "There is no private key in it. Expected is PEM: a block that begins with "
      "-----BEGIN PRIVATE KEY-----.");
}

std::expected<SecretBytes, std::string> Key::to_private_pem() const {
  if (!state_->can_sign || state_->pair == nullptr) {
    return std::unexpected("The key has no private part.");
  }
  const async::BioHandle bio(BIO_new(BIO_s_secmem()));  // wiped when it is freed
  char* bytes = nullptr;
  const bool written =
      bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->pair.get(), nullptr,
                                                      nullptr, 0, nullptr, nullptr) == 1;
  const long size = written ? BIO_get_mem_data(bio.get(), &bytes) : 0;
  if (size <= 0) return std::unexpected("OpenSSL does not write the key.");
  SecretBytes pem(static_cast<std::size_t>(size));
  std::copy_n(bytes, size, pem.chars().begin());
  return pem;
}

}  // namespace sallyport::jose
