#include "async/tls_context.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "async/client_certificates.h"

namespace sallyport::async {
namespace {

constexpr long kSessionLifetime = 7200;  // seconds; well within the life of three ticket keys
constexpr std::size_t kLongestName = 253;

// What the callbacks of one SSL_CTX need. It belongs to the SSL_CTX, because a connection may
// outlive the configuration it began with.
struct CallbackData {
  std::vector<unsigned char> alpn;  // as on the wire: each name after its length
  // Only in the context sessions are made from. Null: stay there.
  std::map<std::string, ContextHandle, std::less<>> exact;
  std::map<std::string, ContextHandle, std::less<>> wildcard;  // by what follows "*."
};

void free_callback_data(void* /*parent*/, void* pointer, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                        long /*argl*/, void* /*argp*/) {
  delete static_cast<CallbackData*>(pointer);  // owned by the SSL_CTX
}

int callback_data_index() {
  static const int index =
      SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_callback_data);
  return index;
}

int on_server_name(SSL* ssl, int* /*alert*/, void* argument) {
  const auto& data = *static_cast<const CallbackData*>(argument);
  const char* sent = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (sent == nullptr) return SSL_TLSEXT_ERR_NOACK;
  std::string_view name(sent);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kLongestName) return SSL_TLSEXT_ERR_NOACK;
  std::array<char, kLongestName> lower;  // NOLINT(*-member-init): filled below
  std::ranges::transform(name, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  name = {lower.data(), name.size()};

  auto found = data.exact.find(name);
  if (found == data.exact.end()) {
    std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot == 0) return SSL_TLSEXT_ERR_NOACK;
    found = data.wildcard.find(name.substr(dot + 1));
    if (found == data.wildcard.end()) return SSL_TLSEXT_ERR_NOACK;
  }
  if (found->second != nullptr && SSL_set_SSL_CTX(ssl, found->second.get()) == nullptr) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  return SSL_TLSEXT_ERR_OK;
}

int on_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
            const unsigned char* offered, unsigned offered_size, void* argument) {
  const auto& data = *static_cast<const CallbackData*>(argument);
  unsigned char* chosen = nullptr;
  // RFC 7301 3.2: no protocol in common ends the handshake with no_application_protocol.
  if (SSL_select_next_proto(&chosen, out_size, data.alpn.data(),
                            static_cast<unsigned>(data.alpn.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Tickets are shared by all listeners of the process. This keeps a session that one listener
// admitted from being resumed at another that trusts other clients, or after trust has changed.
std::array<unsigned char, SHA256_DIGEST_LENGTH> session_scope(const TlsServerOptions& options,
                                                              const ClientCertificateRules& rules) {
  std::string source;
  source += static_cast<char>('0' + static_cast<int>(options.client_certificate));
  source += static_cast<char>('0' + static_cast<int>(options.profile));
  source += rules.fingerprint_source();
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(source.data()), source.size(), digest.data());
  return digest;
}

// Makes the contexts of one listener: one for each set of certificates that some name needs.
class ContextMaker {
 public:
  ContextMaker(const TlsServerOptions& options, const ClientCertificateRules& rules,
               std::shared_ptr<TicketKeys> keys, const std::vector<Certificate>& certificates)
      : options_(options),
        rules_(rules),
        keys_(std::move(keys)),
        certificates_(certificates),
        scope_(session_scope(options, rules)) {}

  // Null on failure, with an error added. `data` is the context's own.
  ContextHandle make(const std::vector<std::size_t>& members, std::vector<std::string>& errors,
                     CallbackData*& data) const {
    ContextHandle context(SSL_CTX_new(TLS_server_method()));
    if (context == nullptr || !configure(context.get(), data)) {
      errors.push_back("TLS cannot be set up (" + openssl_error() +
                       "): check the OpenSSL library.");
      return nullptr;
    }
    for (std::size_t member : members) {
      const Certificate& certificate = certificates_[member];
      if (use_certificate(context.get(), certificate)) continue;
      errors.push_back("Certificate " + certificate.file + " cannot be used (" + openssl_error() +
                       "): it needs an RSA key of 2048 bits or more, or ECDSA P-256 or better, and "
                       "a SHA-2 signature.");
      return nullptr;
    }
    return context;
  }

 private:
  bool configure(SSL_CTX* context, CallbackData*& data) const {
    auto owned = std::make_unique<CallbackData>();
    for (const std::string& protocol : options_.alpn) {
      owned->alpn.push_back(static_cast<unsigned char>(protocol.size()));
      owned->alpn.insert(owned->alpn.end(), protocol.begin(), protocol.end());
    }
    if (SSL_CTX_set_ex_data(context, callback_data_index(), owned.get()) != 1) return false;
    data = owned.release();
    if (!data->alpn.empty()) SSL_CTX_set_alpn_select_cb(context, &on_alpn, data);
    SSL_CTX_set_timeout(context, kSessionLifetime);
    if (options_.session_tickets && keys_ != nullptr) {
      if (!TicketKeys::attach(context, keys_)) return false;
      SSL_CTX_set_num_tickets(context, 1);
    } else {
      SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(context, 0);
    }
    bool verify = options_.client_certificate != ClientCertificate::none;
    bool required = options_.client_certificate == ClientCertificate::require;
    return apply_profile(context, options_.profile) &&
           SSL_CTX_set_session_id_context(context, scope_.data(),
                                          static_cast<unsigned>(scope_.size())) == 1 &&
           (!verify || rules_.apply(context, required));
  }

  const TlsServerOptions& options_;
  const ClientCertificateRules& rules_;
  std::shared_ptr<TicketKeys> keys_;
  const std::vector<Certificate>& certificates_;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> scope_;
};

// Which certificates serve each name: the first of each key type, so that a name may have an RSA
// and an ECDSA one and the client gets what it understands.
using Serving = std::map<std::string, std::vector<std::size_t>>;

Serving certificates_by_name(const std::vector<Certificate>& certificates,
                             std::vector<std::string>& warnings) {
  Serving serving;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    int type = EVP_PKEY_get_base_id(certificates[i].key.get());
    for (const std::string& name : certificates[i].names) {
      std::vector<std::size_t>& members = serving[name];
      auto same = std::ranges::find_if(members, [&](std::size_t other) {
        return EVP_PKEY_get_base_id(certificates[other].key.get()) == type;
      });
      if (same == members.end()) {
        members.push_back(i);
      } else {
        warnings.push_back("The name " + name + " is in certificates " + certificates[*same].file +
                           " and " + certificates[i].file + ": the first one serves it.");
      }
    }
    if (i > 0 && certificates[i].names.empty()) {
      warnings.push_back("Certificate " + certificates[i].file +
                         " has no DNS name in subjectAltName and is not the first: it is never "
                         "served.");
    }
  }
  return serving;
}

std::vector<Certificate> load_all(const TlsServerOptions& options, std::vector<std::string>& errors,
                                  std::vector<std::string>& warnings) {
  std::vector<Certificate> certificates;
  for (const CertificateFiles& files : options.certificates) {
    if (auto one = load_certificate(files, errors, warnings))
      certificates.push_back(std::move(*one));
  }
  if (!options.certificates.empty()) return certificates;
  if (!options.development) {
    errors.emplace_back("TLS is on without a certificate: name at least one with its key.");
  } else if (auto made = development_certificate()) {
    certificates.push_back(std::move(*made));
  } else {
    errors.push_back("The development certificate cannot be made (" + openssl_error() +
                     "): configure one.");
  }
  return certificates;
}

}  // namespace

std::shared_ptr<TlsServerContext> TlsServerContext::create(const TlsServerOptions& options,
                                                           std::shared_ptr<TicketKeys> keys,
                                                           std::vector<std::string>& errors,
                                                           std::vector<std::string>& warnings) {
  const std::size_t errors_before = errors.size();
  std::vector<Certificate> certificates = load_all(options, errors, warnings);
  ClientCertificateRules rules;
  if (options.client_certificate != ClientCertificate::none) {
    if (options.client_ca.empty()) {
      errors.emplace_back("Client certificates are asked for without a CA bundle: set client_ca.");
    } else {
      rules.load(options.client_ca, options.client_crl, errors, warnings);
    }
  }
  if (errors.size() > errors_before) return nullptr;

  const Serving serving = certificates_by_name(certificates, warnings);
  const Certificate& first = certificates.front();
  const std::vector<std::size_t> by_default =
      first.names.empty() ? std::vector<std::size_t>{0} : serving.at(first.names.front());
  ContextMaker maker(options, rules, std::move(keys), certificates);

  std::shared_ptr<TlsServerContext> made(new TlsServerContext);
  CallbackData* data = nullptr;
  made->context_ = maker.make(by_default, errors, data);
  if (made->context_ == nullptr) return nullptr;
  std::map<std::vector<std::size_t>, SSL_CTX*> others = {{by_default, nullptr}};
  for (const auto& [name, members] : serving) {
    ContextHandle context;
    if (auto known = others.find(members); known == others.end()) {
      CallbackData* own = nullptr;
      context = maker.make(members, errors, own);
      if (context == nullptr) return nullptr;
      others[members] = context.get();
    } else if (known->second != nullptr) {
      SSL_CTX_up_ref(known->second);
      context.reset(known->second);
    }
    made->names_.push_back(name);
    if (name.starts_with("*.")) {
      data->wildcard.emplace(name.substr(2), std::move(context));
    } else {
      data->exact.emplace(name, std::move(context));
    }
  }
  SSL_CTX_set_tlsext_servername_callback(made->context_.get(), &on_server_name);
  SSL_CTX_set_tlsext_servername_arg(made->context_.get(), data);
  made->earliest_expiry_ =
      std::ranges::min_element(certificates, {}, &Certificate::expires)->expires;
  return made;
}

}  // namespace sallyport::async
