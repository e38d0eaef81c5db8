// See model_listen.h.
#include "config/model_listen.h"

namespace sallyport::config::model {

using schema::Context;
using schema::field;
using schema::Fields;
using schema::Node;

namespace {

void check_client_rules(const Tls& tls, const Node& node, Context& context) {
  using async::ClientCertificate;
  bool asked = tls.client_certificate && *tls.client_certificate != ClientCertificate::none;
  if (asked && tls.client_ca.empty()) {
    context.error(node, "client certificates are asked for, but nothing says whose are good",
                  "Add \"client_ca\", a PEM bundle of the authorities to trust.",
                  schema::code::kMissingKey);
  }
  bool refused = tls.client_certificate == ClientCertificate::none;
  if (refused && !tls.client_ca.empty()) {
    context.error(node, "\"client_ca\" has no use with \"client_certificate: none\"", {},
                  schema::code::kConflict);
  }
  if (!tls.client_crl.empty() && tls.client_ca.empty()) {
    context.error(node, "\"client_crl\" has no use without \"client_ca\"", {},
                  schema::code::kConflict);
  }
}

void check_listen(const Listen& listen, const Node& node, Context& context) {
  bool tls = listen.tls && !listen.tls->value.off;
  if (tls && listen.redirect_to_https) {
    context.error(node, "a listener that redirects to https cannot speak TLS itself",
                  "Remove one of \"tls\" and \"redirect_to_https\".", schema::code::kConflict);
  }
}

}  // namespace

Fields<Certificate> Certificate::fields() {
  Fields<Certificate> fields{
      field("cert", &Certificate::cert,
            "PEM file with the certificate, then those that lead to its authority.")
          .required()
          .example("api.pem"),
      field("key", &Certificate::key, "PEM file with its private key.")
          .required()
          .example("api.key"),
  };
  return fields;
}

Fields<Tls> Tls::fields() {
  Fields<Tls> fields{
      field("certificates", &Tls::certificates,
            "Certificates to show, chosen by the server name a client asks for; the first is for "
            "clients that name none. Without any, a development certificate is made, on loopback "
            "addresses only. Changed files are read again.")
          .or_single(),
      field("profile", &Tls::profile, "Which protocol versions and ciphers are spoken."),
      field("client_ca", &Tls::client_ca,
            "PEM bundle of the authorities whose client certificates are good."),
      field("client_certificate", &Tls::client_certificate,
            "Whether clients have to show a certificate.")
          .default_text("`require` with `client_ca`, else `none`"),
      field("client_crl", &Tls::client_crl, "PEM file with revocation lists of `client_ca`."),
      field("session_tickets", &Tls::session_tickets,
            "Lets clients resume a session without a full handshake. Keys are rotated."),
  };
  fields.check(check_client_rules);
  return fields;
}

Fields<Listen> Listen::fields() {
  Fields<Listen> fields{
      field("address", &Listen::address,
            "Where to listen. `:8443` is every address of the machine, IPv6 and IPv4; port 0 is "
            "picked at run time.")
          .required()
          .example(":8443"),
      field("tls", &Listen::tls,
            "Speaks TLS. Without this key the listener speaks plain HTTP, with a warning unless "
            "the address is loopback; `off` says that this is meant."),
      field("redirect_to_https", &Listen::redirect_to_https,
            "Answers every request with a redirect to the first TLS listener."),
      field("proxy_protocol", &Listen::proxy_protocol,
            "Every connection must begin with a PROXY protocol header, version 1 or 2, and come "
            "from one of `trusted_proxies`."),
  };
  fields.shorthand("address").check(check_listen);
  return fields;
}

}  // namespace sallyport::config::model
