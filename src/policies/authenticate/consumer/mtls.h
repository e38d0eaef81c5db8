// Callers who have shown a certificate during the TLS handshake, which has verified it against the
// listener's `client_ca`. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policy/known_certificates.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// What of a certificate names the consumer.
enum class CertificateName : std::uint8_t { subject, san_dns, san_uri, spiffe, fingerprint };

struct MtlsSettings {
  std::optional<CertificateName> consumer;
  schema::NamedList<CertificateOf> consumers;

  static schema::Fields<MtlsSettings> fields();
};

// Null: two consumers are the same, and the context heard of it.
[[nodiscard]] std::unique_ptr<const Method> make_mtls(const schema::Marked<MtlsSettings>& settings,
                                                      schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
