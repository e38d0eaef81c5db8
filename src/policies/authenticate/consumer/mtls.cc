#include "policies/authenticate/consumer/mtls.h"

#include <array>
#include <string_view>
#include <utility>

namespace sallyport::policies::authenticate_detail {

constexpr auto enum_names(CertificateName /*name*/) {
  return std::array{
      schema::EnumName{"subject", CertificateName::subject,
                       "The whole subject: `CN=shop,O=Example`."},
      schema::EnumName{"san_dns", CertificateName::san_dns, "Its only DNS name."},
      schema::EnumName{"san_uri", CertificateName::san_uri, "Its only URI."},
      schema::EnumName{"spiffe", CertificateName::spiffe, "Its only URI, which is a SPIFFE id."},
      schema::EnumName{"fingerprint", CertificateName::fingerprint,
                       "SHA-256 of the certificate, in hexadecimal digits."}};
}

namespace {

using schema::field;
using Kind = async::PeerName::Kind;

// The only one of that kind; empty: there is none, or several.
std::string_view only(std::span<const async::PeerName> names, Kind kind) {
  std::string_view found;
  for (const async::PeerName& name : names) {
    if (name.kind != kind) continue;
    if (!found.empty()) return {};
    found = name.text;
  }
  return found;
}

std::string_view name_in(const TlsFacts& tls, CertificateName name) {
  switch (name) {
    case CertificateName::subject:
      return tls.client_subject;
    case CertificateName::san_dns:
      return only(tls.client_names, Kind::dns);
    case CertificateName::san_uri:
      return only(tls.client_names, Kind::uri);
    case CertificateName::spiffe: {
      const std::string_view uri = only(tls.client_names, Kind::uri);
      return uri.starts_with("spiffe://") ? uri : std::string_view{};
    }
    case CertificateName::fingerprint:
      return tls.client_fingerprint;
  }
  return {};
}

class Mtls final : public Method {
 public:
  Mtls(std::optional<CertificateName> name, KnownCertificates consumers)
      : name_(name), consumers_(std::move(consumers)) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const TlsFacts& tls = x.tls;
    if (tls.client_fingerprint.empty()) return Attempt(Absent{});
    Identity identity{
        .method = "mtls", .subject = tls.client_subject, .strength = Strength::certificate};
    if (name_) {
      identity.consumer = name_in(tls, *name_);
      if (identity.consumer.empty()) {
        return Attempt(Refused{"the certificate has no such name, or several"});
      }
    } else if (!consumers_.empty()) {
      const KnownCertificates::Found found =
          consumers_.find(tls.client_subject, tls.client_fingerprint, tls.client_names);
      if (found.several) return Attempt(Refused{"the certificate is that of several consumers"});
      identity.consumer = found.whose;
      if (identity.consumer.empty()) {
        return Attempt(Refused{"the certificate is that of no consumer"});
      }
    }
    return Attempt(std::move(identity));
  }

 private:
  const std::optional<CertificateName> name_;
  const KnownCertificates consumers_;
};

}  // namespace

schema::Fields<MtlsSettings> MtlsSettings::fields() {
  schema::Fields<MtlsSettings> table{
      field("consumer", &MtlsSettings::consumer, "What of the certificate names the consumer."),
      field("consumers", &MtlsSettings::consumers,
            "Names of consumers, and what their certificates have. Others are refused."),
  };
  return table.at_most_one_of({"consumer", "consumers"});
}

std::unique_ptr<const Method> make_mtls(const schema::Marked<MtlsSettings>& settings,
                                        schema::Context& context) {
  KnownCertificates consumers;
  bool good = true;
  for (const auto& each : settings.value.consumers) {
    good = consumers.add(each.value, each.name, each.where, context.diagnostics()) && good;
  }
  if (!good) return nullptr;
  return std::make_unique<Mtls>(settings.value.consumer, std::move(consumers));
}

}  // namespace sallyport::policies::authenticate_detail
