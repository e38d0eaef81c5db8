// Certificates, keys and CA bundles from PEM files, checked for everything that would otherwise
// fail only when a client connects; and the development certificate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/openssl_handles.h"

namespace sallyport::async {

struct CertificateFiles {
  std::string certificate;  // PEM, leaf first
  std::string key;          // PEM
};

struct Certificate {
  std::string file;  // for messages
  X509Handle leaf;
  std::vector<X509Handle> chain;
  KeyHandle key;
  std::vector<std::string> names;  // dNSName entries, lower case
  std::int64_t expires = 0;        // Unix seconds
};

// Empty on failure; then `errors` says what is wrong and what to do.
[[nodiscard]] std::optional<Certificate> load_certificate(const CertificateFiles& files,
                                                          std::vector<std::string>& errors,
                                                          std::vector<std::string>& warnings);

// A self-signed certificate for localhost, 127.0.0.1 and ::1, in memory only and the same for the
// whole life of the process, unless it is about to expire. Empty on failure.
[[nodiscard]] std::optional<Certificate> development_certificate();

// Makes `context` present `certificate`. False: OpenSSL refuses it (for one, a key that is too
// short); `openssl_error` says why.
[[nodiscard]] bool use_certificate(SSL_CTX* context, const Certificate& certificate);

// Empty on failure, with an error added.
[[nodiscard]] std::optional<std::string> read_pem_file(const std::string& file, const char* what,
                                                       std::vector<std::string>& errors);
// Every certificate of a PEM bundle already read; an error is added when there is none or one of
// them is damaged.
[[nodiscard]] std::vector<X509Handle> parse_bundle(const std::string& pem, const std::string& file,
                                                   std::vector<std::string>& errors);
[[nodiscard]] std::vector<CrlHandle> parse_crls(const std::string& pem, const std::string& file,
                                                std::vector<std::string>& errors);

// "CN=Example CA,O=Example"
[[nodiscard]] std::string name_text(const X509_NAME* name);
// Unix seconds; 0 when there is none or it is unreadable.
[[nodiscard]] std::int64_t unix_time(const ASN1_TIME* time);

}  // namespace sallyport::async
