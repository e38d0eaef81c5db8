// What is known of the certificate that a peer has shown and the handshake has verified, read once
// per connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct x509_st;  // OpenSSL's X509

namespace sallyport::async {

// An entry of subjectAltName.
struct PeerName {
  enum class Kind : std::uint8_t { dns, uri };
  Kind kind;
  std::string text;  // DNS names in lower case
};

struct PeerCertificate {
  std::string subject;      // "CN=partner,O=Example"
  std::string fingerprint;  // SHA-256 of the DER form, hexadecimal
  std::vector<PeerName> names;
};

// Names that hold anything but visible ASCII are left out: what compares them could be made to see
// another name.
[[nodiscard]] PeerCertificate describe(x509_st* certificate);

}  // namespace sallyport::async
