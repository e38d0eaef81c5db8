// Client certificates by what they have, and whose they are.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/peer_certificate.h"
#include "schema/diagnostics.h"
#include "schema/field.h"

namespace sallyport {

// What somebody's certificate has; exactly one of these.
struct CertificateOf {
  std::vector<std::string> subject, san_dns, san_uri, fingerprint;

  static schema::Fields<CertificateOf> fields();
};

// Filled when a configuration is read, and immutable from then on.
class KnownCertificates {
 public:
  // False: one of them stands for somebody else already, and `diagnostics` heard of it.
  [[nodiscard]] bool add(const CertificateOf& certificates, const std::string& whose,
                         const schema::Where& where, schema::Diagnostics& diagnostics);

  [[nodiscard]] bool empty() const;

  struct Found {
    std::string_view whose;  // empty: nobody's
    bool several = false;    // it is that of more than one: whose is anybody's guess
  };
  // The parts of a certificate that was verified, as async::PeerCertificate describes them.
  [[nodiscard]] Found find(std::string_view subject, std::string_view fingerprint,
                           std::span<const async::PeerName> names) const;

 private:
  using Names = std::map<std::string, std::string, std::less<>>;
  Names subjects_, dns_names_, uris_, fingerprints_;
};

}  // namespace sallyport
