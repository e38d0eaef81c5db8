// Which client certificates a listener accepts: its CA bundle and revocation lists. Fails closed:
// with revocation lists given, a certificate whose issuer has no current list is refused.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <string>
#include <vector>

#include "async/openssl_handles.h"

namespace sallyport::async {

class ClientCertificateRules {
 public:
  // Adds to `errors` when a file is unusable, and then the rules must not be used. `crl` may be
  // empty.
  void load(const std::string& ca, const std::string& crl, std::vector<std::string>& errors,
            std::vector<std::string>& warnings);

  // Makes `context` verify client certificates. `required`: there is no connection without one.
  [[nodiscard]] bool apply(SSL_CTX* context, bool required) const;

  // Contents of the files, for telling whether two listeners trust the same.
  [[nodiscard]] const std::string& fingerprint_source() const { return contents_; }

 private:
  void check_crls(const std::vector<CrlHandle>& crls, const std::string& file,
                  std::vector<std::string>& warnings) const;

  std::vector<X509Handle> authorities_;
  StoreHandle store_;
  std::string contents_;
};

}  // namespace sallyport::async
