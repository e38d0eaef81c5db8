// What `listen` may say: addresses, and how TLS is spoken there.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "async/tls_context.h"
#include "config/or_off.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::async {

constexpr auto enum_names(TlsProfile /*profile*/) {
  return std::array{
      schema::EnumName{"modern", TlsProfile::modern,
                       "TLS 1.2 and 1.3, only ciphers with forward secrecy and authentication."},
      schema::EnumName{"strict", TlsProfile::strict, "TLS 1.3 only."}};
}

constexpr auto enum_names(ClientCertificate /*rule*/) {
  return std::array{
      schema::EnumName{"none", ClientCertificate::none, "Clients are not asked."},
      schema::EnumName{"request", ClientCertificate::request,
                       "Clients are asked; one that shows a certificate must show a good one."},
      schema::EnumName{"require", ClientCertificate::require,
                       "A client without a good certificate is not let in."}};
}

}  // namespace sallyport::async

namespace sallyport::config::model {

struct Certificate {
  schema::FilePath cert;
  schema::FilePath key;

  static schema::Fields<Certificate> fields();
};

struct Tls {
  std::vector<Certificate> certificates;
  async::TlsProfile profile = async::TlsProfile::modern;
  schema::FilePath client_ca;
  std::optional<async::ClientCertificate> client_certificate;
  schema::FilePath client_crl;
  bool session_tickets = true;

  static schema::Fields<Tls> fields();
};

struct Listen {
  schema::Marked<schema::HostPort> address;
  std::optional<schema::Marked<OrOff<Tls>>> tls;
  bool redirect_to_https = false;
  bool proxy_protocol = false;

  static schema::Fields<Listen> fields();
};

}  // namespace sallyport::config::model
