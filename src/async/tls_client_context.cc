// Connections to upstreams: whom to trust, and what to present.
#include <dirent.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "async/tls_context.h"

namespace sallyport::async {
namespace {

bool system_store_has_authorities(X509_STORE* store) {
  if (sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0) return true;
  const char* named = getenv(X509_get_default_cert_dir_env());
  DIR* folder = opendir(named != nullptr ? named : X509_get_default_cert_dir());
  if (folder == nullptr) return false;
  bool found = false;
  // Files of such a folder are named by the hash of the subject: "5ad8a5d6.0".
  while (const dirent* entry = readdir(folder)) {
    if (std::string_view(entry->d_name).ends_with(".0")) found = true;
  }
  closedir(folder);
  return found;
}

bool trust(SSL_CTX* context, const std::string& ca, std::vector<std::string>& errors) {
  if (ca.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) == 1 &&
        system_store_has_authorities(SSL_CTX_get_cert_store(context))) {
      return true;
    }
    errors.emplace_back(
        "The system has no CA certificates to verify upstreams with: install ca-certificates, or "
        "name a CA bundle.");
    return false;
  }
  auto pem = read_pem_file(ca, "CA bundle ", errors);
  if (!pem) return false;
  std::vector<X509Handle> authorities = parse_bundle(*pem, ca, errors);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const X509Handle& authority : authorities) X509_STORE_add_cert(store, authority.get());
  // What the operator lists is trusted, be it a root or an issuing CA below one.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return !authorities.empty();
}

}  // namespace

std::shared_ptr<TlsClientContext> TlsClientContext::create(const TlsClientOptions& options,
                                                           std::vector<std::string>& errors,
                                                           std::vector<std::string>* warnings) {
  ContextHandle context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || !apply_profile(context.get(), options.profile)) {
    errors.push_back("TLS cannot be set up (" + openssl_error() + "): check the OpenSSL library.");
    return nullptr;
  }
  std::vector<std::string> unheard;
  std::vector<std::string>& heard = warnings != nullptr ? *warnings : unheard;
  bool ok = true;
  if (options.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    ok = trust(context.get(), options.ca, errors);
  }
  if (!options.certificate.certificate.empty()) {
    auto certificate = load_certificate(options.certificate, errors, heard);
    if (!certificate) {
      ok = false;
    } else if (!use_certificate(context.get(), *certificate)) {
      errors.push_back("Certificate " + certificate->file + " cannot be used (" + openssl_error() +
                       "): it needs an RSA key of 2048 bits or more, or ECDSA P-256 or better.");
      ok = false;
    }
  }
  ERR_clear_error();
  if (!ok) return nullptr;
  return std::shared_ptr<TlsClientContext>(new TlsClientContext(std::move(context)));
}

}  // namespace sallyport::async
