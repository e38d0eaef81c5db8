#include "async/peer_certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "async/openssl_handles.h"
#include "async/tls_certificate.h"
#include "base/text.h"

namespace sallyport::async {
namespace {

// Of a certificate with more nothing is known: the only one of its kind may not be the only one.
constexpr int kMostNames = 64;

using NamesHandle = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void read_names(X509* certificate, std::vector<PeerName>& names) {
  const NamesHandle all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = all != nullptr ? sk_GENERAL_NAME_num(all.get()) : 0;
  if (count > kMostNames) return;
  for (int i = 0; i < count; ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
    if (type != GEN_DNS && type != GEN_URI) continue;
    const auto* string = static_cast<const ASN1_STRING*>(value);
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                                static_cast<std::size_t>(ASN1_STRING_length(string)));
    if (!is_visible(text)) continue;
    if (type == GEN_DNS) {
      names.push_back({.kind = PeerName::Kind::dns, .text = text::to_lower(text)});
    } else {
      names.push_back({.kind = PeerName::Kind::uri, .text = std::string(text)});
    }
  }
}

}  // namespace

PeerCertificate describe(X509* certificate) {
  PeerCertificate out;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) {
    for (unsigned i = 0; i < size; ++i) text::append_hex(out.fingerprint, digest.at(i));
  }
  out.subject = name_text(X509_get_subject_name(certificate));
  read_names(certificate, out.names);
  ERR_clear_error();
  return out;
}

}  // namespace sallyport::async
