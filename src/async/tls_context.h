// What TLS connections share: certificates by server name, protocol profile, ticket keys, client
// certificate rules; and the same for connections to upstreams.
//
// Contexts are immutable after construction and shared by all threads. Files are read once, in
// `create`; to follow a changed file, create a new context and swap it. Connections of the old
// one live on: OpenSSL counts references, and what its callbacks need belongs to the SSL_CTX.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "async/ticket_keys.h"
#include "async/tls_certificate.h"
#include "async/tls_profile.h"

namespace sallyport::async {

enum class ClientCertificate : std::uint8_t { none, request, require };

struct TlsServerOptions {
  std::vector<CertificateFiles> certificates;
  TlsProfile profile = TlsProfile::modern;
  ClientCertificate client_certificate = ClientCertificate::none;
  std::string client_ca;   // PEM bundle; required unless `none`
  std::string client_crl;  // PEM; optional. Given, an issuer without a current list is refused
  std::vector<std::string> alpn = {"http/1.1"};
  bool session_tickets = true;
  bool development = false;  // no files: a self-signed certificate for localhost, in memory
};

struct TlsClientOptions {
  bool verify = true;
  std::string ca;                // PEM bundle; empty: the system's store
  CertificateFiles certificate;  // presented to the upstream; empty: none
  TlsProfile profile = TlsProfile::modern;
};

class TlsServerContext {
 public:
  // Null on failure; then every problem is in `errors`, one sentence with the file's name and what
  // to do: unreadable, not PEM, key of another certificate, expired, not yet valid... `warnings`:
  // expires within 14 days, a name served by two certificates, a key others can read.
  static std::shared_ptr<TlsServerContext> create(const TlsServerOptions& options,
                                                  std::shared_ptr<TicketKeys> keys,
                                                  std::vector<std::string>& errors,
                                                  std::vector<std::string>& warnings);
  // The context to make sessions from; others are chosen by server name during the handshake.
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }
  // Names served, for `check` and `explain`: "api.example.com", "*.example.com". Sorted.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // Earliest end of validity, Unix seconds; a metric.
  [[nodiscard]] std::int64_t earliest_expiry() const { return earliest_expiry_; }

 private:
  TlsServerContext() = default;
  ContextHandle context_;
  std::vector<std::string> names_;
  std::int64_t earliest_expiry_ = 0;
};

class TlsClientContext {
 public:
  // Null on failure, as above.
  static std::shared_ptr<TlsClientContext> create(const TlsClientOptions& options,
                                                  std::vector<std::string>& errors,
                                                  std::vector<std::string>* warnings = nullptr);
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

 private:
  explicit TlsClientContext(ContextHandle context) : context_(std::move(context)) {}
  ContextHandle context_;
};

}  // namespace sallyport::async
