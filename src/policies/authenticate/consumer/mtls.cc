#include "policies/authenticate/consumer/mtls.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.h"

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

constexpr std::size_t kFingerprintDigits = 64;

// With or without colons, in any case.
std::string plain_fingerprint(std::string_view text) {
  std::string plain;
  for (char c : text) {
    if (c != ':') plain += text::lower(c);
  }
  return plain;
}

std::string fingerprint_fault(const std::string& text) {
  const std::string plain = plain_fingerprint(text);
  const bool good = plain.size() == kFingerprintDigits &&
                    std::ranges::all_of(plain, [](char c) { return text::hex_digit(c) >= 0; });
  return good ? std::string() : "is no SHA-256 fingerprint: 64 hexadecimal digits";
}

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

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
  using Consumers = std::map<std::string, std::string, std::less<>>;

  explicit Mtls(std::optional<CertificateName> name) : name_(name) {}

  // False: it stands for another consumer already.
  bool add(CertificateName name, std::string text, const std::string& consumer) {
    Consumers& known = by_name_.at(static_cast<std::size_t>(name));
    return known.emplace(std::move(text), consumer).first->second == consumer;
  }

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
    } else if (!is_for_anyone()) {
      bool several = false;
      identity.consumer = known_consumer(tls, several);
      if (several) return Attempt(Refused{"the certificate is that of several consumers"});
      if (identity.consumer.empty()) {
        return Attempt(Refused{"the certificate is that of no consumer"});
      }
    }
    return Attempt(std::move(identity));
  }

 private:
  [[nodiscard]] bool is_for_anyone() const {
    return std::ranges::all_of(by_name_, [](const Consumers& known) { return known.empty(); });
  }

  [[nodiscard]] std::string_view known_consumer(const TlsFacts& tls, bool& several) const {
    std::string_view consumer;
    auto look = [&](CertificateName name, std::string_view text) {
      const Consumers& known = by_name_.at(static_cast<std::size_t>(name));
      const auto found = known.find(text);
      if (found == known.end()) return;
      several = several || (!consumer.empty() && consumer != found->second);
      consumer = found->second;
    };
    look(CertificateName::fingerprint, tls.client_fingerprint);
    look(CertificateName::subject, tls.client_subject);
    for (const async::PeerName& name : tls.client_names) {
      look(name.kind == Kind::dns ? CertificateName::san_dns : CertificateName::san_uri, name.text);
    }
    return consumer;
  }

  const std::optional<CertificateName> name_;
  std::array<Consumers, 5> by_name_;  // by the value of CertificateName
};

}  // namespace

schema::Fields<CertificateOf> CertificateOf::fields() {
  schema::Fields<CertificateOf> table{
      field("subject", &CertificateOf::subject, "The whole subject, as the access log shows it.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("CN=shop,O=Example"),
      field("san_dns", &CertificateOf::san_dns, "One of its DNS names.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("shop.example.com"),
      field("san_uri", &CertificateOf::san_uri, "One of its URIs, such as a SPIFFE id.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("spiffe://example.com/shop"),
      field("fingerprint", &CertificateOf::fingerprint,
            "SHA-256 of the certificate: `openssl x509 -noout -fingerprint -sha256`.")
          .or_single()
          .min_items(1)
          .check(fingerprint_fault),
  };
  return table.exactly_one_of({"subject", "san_dns", "san_uri", "fingerprint"});
}

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
  auto method = std::make_unique<Mtls>(settings.value.consumer);
  bool good = true;
  for (const auto& each : settings.value.consumers) {
    auto add = [&](CertificateName name, const std::vector<std::string>& texts) {
      for (const std::string& text : texts) {
        std::string known = name == CertificateName::fingerprint ? plain_fingerprint(text)
                            : name == CertificateName::san_dns   ? text::to_lower(text)
                                                                 : text;
        if (method->add(name, std::move(known), each.name)) continue;
        context.diagnostics().error(each.where, "'" + text + "' stands for another consumer too",
                                    "Give it to one of them.", schema::code::kConflict);
        good = false;
      }
    };
    add(CertificateName::subject, each.value.subject);
    add(CertificateName::san_dns, each.value.san_dns);
    add(CertificateName::san_uri, each.value.san_uri);
    add(CertificateName::fingerprint, each.value.fingerprint);
  }
  return good ? std::move(method) : nullptr;
}

}  // namespace sallyport::policies::authenticate_detail
