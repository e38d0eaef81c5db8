// The certificate used when none is configured: for trying things out on loopback, never written
// to disk.
#include <openssl/rand.h>

#include <array>
#include <ctime>
#include <mutex>

#include "async/tls_certificate.h"

namespace sallyport::async {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kLifetime = 30 * kDay;

bool add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
  random[0] = static_cast<unsigned char>((random[0] & 0x7F) | 0x40);  // positive, full length
  BIGNUM* number = BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr);
  bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

std::optional<Certificate> make() {
  Certificate made;
  made.file = "(development certificate)";
  made.key.reset(EVP_EC_gen("P-256"));
  made.leaf.reset(X509_new());
  X509* certificate = made.leaf.get();
  if (made.key == nullptr || certificate == nullptr) return std::nullopt;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>("localhost");
  bool ok = X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
            X509_set_issuer_name(certificate, name) == 1 &&
            // Begins a little earlier, for clients whose clock is behind.
            X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nullptr &&
            X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetime) != nullptr &&
            X509_set_pubkey(certificate, made.key.get()) == 1 &&
            add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
            add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
            add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
            add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
            add_extension(certificate, NID_subject_key_identifier, "hash") &&
            X509_sign(certificate, made.key.get(), EVP_sha256()) > 0;
  if (!ok) return std::nullopt;
  made.names = {"localhost"};
  made.expires = unix_time(X509_get0_notAfter(certificate));
  return made;
}

}  // namespace

std::optional<Certificate> development_certificate() {
  static std::mutex mutex;
  static std::optional<Certificate> kept;
  std::scoped_lock lock(mutex);
  // A process may outlive the certificate; the first reload on its last day makes a new one.
  if (!kept || kept->expires - time(nullptr) < kDay) kept = make();
  if (!kept) return std::nullopt;
  Certificate copy;
  copy.file = kept->file;
  copy.names = kept->names;
  copy.expires = kept->expires;
  X509_up_ref(kept->leaf.get());
  copy.leaf.reset(kept->leaf.get());
  EVP_PKEY_up_ref(kept->key.get());
  copy.key.reset(kept->key.get());
  return copy;
}

}  // namespace sallyport::async
