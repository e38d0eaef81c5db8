// For tests: certificates, keys and revocation lists made on the spot, and a folder to put them in.
#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "async/openssl_handles.h"

namespace sallyport::async::testing {

struct TestCertificate {
  X509Handle certificate;
  KeyHandle key;

  [[nodiscard]] std::string certificate_pem() const {
    BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    return text(out.get());
  }
  // Encrypted when there is a passphrase.
  [[nodiscard]] std::string key_pem(const char* passphrase = nullptr) const {
    BioHandle out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(),
                                  passphrase != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                                  nullptr, const_cast<char*>(passphrase));
    return text(out.get());
  }
  static std::string text(BIO* bio) {
    char* data = nullptr;
    long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

struct CertificateRequest {
  std::string common_name = "test";
  std::string alternatives;  // "DNS:api.example.com,DNS:*.example.com"
  bool rsa = false;
  unsigned rsa_bits = 2048;
  bool authority = false;
  const TestCertificate* issuer = nullptr;  // null: self-signed
  long from_days = -1;
  long to_days = 90;
  std::int64_t serial = 1;
};

inline TestCertificate make_certificate(const CertificateRequest& request) {
  TestCertificate made;
  made.key.reset(request.rsa ? EVP_RSA_gen(request.rsa_bits) : EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), request.serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(request.common_name.c_str()),
                             -1, -1, 0);
  X509* issuer = request.issuer != nullptr ? request.issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  X509_gmtime_adj(X509_getm_notBefore(certificate), request.from_days * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.to_days * 86'400);
  X509_set_pubkey(certificate, made.key.get());
  auto add = [&](int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (!request.alternatives.empty()) add(NID_subject_alt_name, request.alternatives.c_str());
  add(NID_basic_constraints, request.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (request.authority) add(NID_key_usage, "critical,keyCertSign,cRLSign");
  EVP_PKEY* signer = request.issuer != nullptr ? request.issuer->key.get() : made.key.get();
  EXPECT_GT(X509_sign(certificate, signer, EVP_sha256()), 0);
  return made;
}

// A revocation list of `authority` that revokes `serials`; current until `to_days` from now.
inline std::string make_crl(const TestCertificate& authority,
                            const std::vector<std::int64_t>& serials, long to_days = 30) {
  CrlHandle crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(authority.certificate.get()));
  ASN1_TIME* when = ASN1_TIME_adj(nullptr, time(nullptr), -60, 0);
  X509_CRL_set1_lastUpdate(crl.get(), when);
  for (std::int64_t serial : serials) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set_int64(number, serial);
    X509_REVOKED_set_serialNumber(revoked, number);
    X509_REVOKED_set_revocationDate(revoked, when);
    X509_CRL_add0_revoked(crl.get(), revoked);
    ASN1_INTEGER_free(number);
  }
  ASN1_TIME_free(when);
  when = ASN1_TIME_adj(nullptr, time(nullptr), static_cast<int>(to_days), 0);
  X509_CRL_set1_nextUpdate(crl.get(), when);
  ASN1_TIME_free(when);
  X509_CRL_sort(crl.get());
  EXPECT_GT(X509_CRL_sign(crl.get(), authority.key.get(), EVP_sha256()), 0);
  BioHandle out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(out.get(), crl.get());
  return TestCertificate::text(out.get());
}

// Gone, with everything in it, at the end of the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  // The path of a file with these contents, readable by its owner only.
  [[nodiscard]] std::string put(const std::string& name, const std::string& contents) const {
    std::filesystem::path file = path_ / name;
    std::ofstream(file) << contents;
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file.string();
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace sallyport::async::testing
