#include "async/client_certificates.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include "async/tls_certificate.h"

namespace sallyport::async {

void ClientCertificateRules::load(const std::string& ca, const std::string& crl,
                                  std::vector<std::string>& errors,
                                  std::vector<std::string>& warnings) {
  store_.reset(X509_STORE_new());
  // PARTIAL_CHAIN: what the operator lists is trusted, be it a root or an issuing CA below one.
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (auto pem = read_pem_file(ca, "CA bundle ", errors)) {
    authorities_ = parse_bundle(*pem, ca, errors);
    contents_ += *pem;
  }
  for (const X509Handle& authority : authorities_)
    X509_STORE_add_cert(store_.get(), authority.get());
  if (!crl.empty()) {
    flags |= X509_V_FLAG_CRL_CHECK;
    std::vector<CrlHandle> crls;
    if (auto pem = read_pem_file(crl, "Revocation list ", errors)) {
      crls = parse_crls(*pem, crl, errors);
      contents_.append(1, '\0').append(*pem);
    }
    for (const CrlHandle& each : crls) X509_STORE_add_crl(store_.get(), each.get());
    if (!crls.empty()) check_crls(crls, crl, warnings);
  }
  X509_STORE_set_flags(store_.get(), flags);
  ERR_clear_error();
}

void ClientCertificateRules::check_crls(const std::vector<CrlHandle>& crls, const std::string& file,
                                        std::vector<std::string>& warnings) const {
  const std::int64_t now = time(nullptr);
  for (const X509Handle& authority : authorities_) {
    const X509_NAME* subject = X509_get_subject_name(authority.get());
    bool listed = false;
    bool current = false;
    for (const CrlHandle& crl : crls) {
      if (X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), subject) != 0) continue;
      listed = true;
      std::int64_t next = unix_time(X509_CRL_get0_nextUpdate(crl.get()));
      if (next == 0 || next > now) current = true;
    }
    if (current) continue;
    warnings.push_back("Revocation list " + file + " has " +
                       (listed ? "only an expired list" : "no list") + " of " + name_text(subject) +
                       ": client certificates it issued are refused until there is a current one.");
  }
}

bool ClientCertificateRules::apply(SSL_CTX* context, bool required) const {
  SSL_CTX_set1_cert_store(context, store_.get());
  for (const X509Handle& authority : authorities_) {
    if (SSL_CTX_add_client_CA(context, authority.get()) != 1) return false;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return true;
}

}  // namespace sallyport::async
