#include "policy/known_certificates.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

using schema::field;

constexpr std::size_t kFingerprintDigits = 64;

// With or without colons, in any case.
std::string plain_fingerprint(const std::string& text) {
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

std::string as_it_is(const std::string& text) { return text; }
std::string in_lower_case(const std::string& text) { return text::to_lower(text); }

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

bool KnownCertificates::add(const CertificateOf& certificates, const std::string& whose,
                            const schema::Where& where, schema::Diagnostics& diagnostics) {
  bool good = true;
  auto add_all = [&](Names& known, const std::vector<std::string>& texts,
                     std::string (*spelt)(const std::string&)) {
    for (const std::string& text : texts) {
      if (known.emplace(spelt(text), whose).first->second == whose) continue;
      diagnostics.error(where, "'" + text + "' stands for another one too",
                        "Give it to one of them.", schema::code::kConflict);
      good = false;
    }
  };
  add_all(subjects_, certificates.subject, as_it_is);
  add_all(dns_names_, certificates.san_dns, in_lower_case);
  add_all(uris_, certificates.san_uri, as_it_is);
  add_all(fingerprints_, certificates.fingerprint, plain_fingerprint);
  return good;
}

bool KnownCertificates::empty() const {
  return subjects_.empty() && dns_names_.empty() && uris_.empty() && fingerprints_.empty();
}

KnownCertificates::Found KnownCertificates::find(std::string_view subject,
                                                 std::string_view fingerprint,
                                                 std::span<const async::PeerName> names) const {
  Found found;
  auto look = [&found](const Names& known, std::string_view text) {
    const auto entry = known.find(text);
    if (entry == known.end()) return;
    found.several = found.several || (!found.whose.empty() && found.whose != entry->second);
    found.whose = entry->second;
  };
  look(fingerprints_, fingerprint);
  look(subjects_, subject);
  for (const async::PeerName& name : names) {
    look(name.kind == async::PeerName::Kind::dns ? dns_names_ : uris_, name.text);
  }
  return found;
}

}  // namespace sallyport
