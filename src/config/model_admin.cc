// See model_admin.h.
#include "config/model_admin.h"

#include "http/service_url.h"

namespace sallyport::config::model {

using schema::Context;
using schema::field;
using schema::Fields;
using schema::Node;

namespace {

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

std::string issuer_fault(const std::string& url) {
  return http::may_be_fetched(url)
             ? std::string()
             : "has to begin with https:// (or http:// and a loopback address)";
}

void check_certificates(const AdminCertificates& of, const Node& node, Context& context) {
  if (of.viewer || of.operate || of.security || of.admin) return;
  context.error(node, "nobody's certificate has a role",
                "Name a role and its certificates: {admin: {subject: \"CN=ada\"}}.",
                schema::code::kMissingKey);
}

void check_claim(const AdminClaim& claim, const Node& node, Context& context) {
  if (!claim.viewer.empty() || !claim.operate.empty() || !claim.security.empty() ||
      !claim.admin.empty()) {
    return;
  }
  context.error(node, "no value of the claim gives a role",
                "Name a role and its values: {claim: groups, admin: [platform]}.",
                schema::code::kMissingKey);
}

}  // namespace

Fields<AdminCertificates> AdminCertificates::fields() {
  Fields<AdminCertificates> fields{
      field("viewer", &AdminCertificates::viewer, "Certificates of viewers."),
      field("operator", &AdminCertificates::operate, "Certificates of operators."),
      field("security", &AdminCertificates::security, "Certificates of those with this role."),
      field("admin", &AdminCertificates::admin, "Certificates of admins.")
          .example(R"({subject: "CN=ada,O=Example"})"),
  };
  fields.check(check_certificates);
  return fields;
}

Fields<AdminClaim> AdminClaim::fields() {
  auto values = [](std::string name, auto pointer, std::string whose) {
    return field(std::move(name), pointer, "Values of the claim that make " + std::move(whose))
        .or_single()
        .min_items(1)
        .check(not_empty);
  };
  Fields<AdminClaim> fields{
      field("claim", &AdminClaim::claim,
            "Claim that says it, a text or a list of texts (of `scope` the words of a text); `a.b` "
            "is "
            "member `b` of `a`.")
          .required()
          .check(not_empty)
          .example("groups"),
      values("viewer", &AdminClaim::viewer, "a viewer."),
      values("operator", &AdminClaim::operate, "an operator."),
      values("security", &AdminClaim::security, "one with this role."),
      values("admin", &AdminClaim::admin, "an admin.").example("platform"),
  };
  fields.check(check_claim);
  return fields;
}

Fields<AdminOidc> AdminOidc::fields() {
  return {
      field("issuer", &AdminOidc::issuer,
            "The OpenID Provider (`iss`). Its keys are found by discovery.")
          .required()
          .check(issuer_fault)
          .example("https://login.example.com"),
      field("audience", &AdminOidc::audience,
            "Whom a token must be meant for (`aud`): any of these. Of an ID token it is the client "
            "that it was issued to.")
          .required()
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("sallyport-admin"),
      field("roles", &AdminOidc::roles,
            "Who has which role; of several it is the one that may most. Whoever has none is "
            "refused.")
          .required(),
      field("ca", &AdminOidc::ca, "Authorities that may vouch for the provider's server, in PEM.")
          .default_text("those of the system"),
      field("max_age", &AdminOidc::max_age,
            "How long after it was issued (`iat`) a token is taken, whenever it expires.")
          .range(std::chrono::seconds(10), std::chrono::hours(24 * 366)),
      field("leeway", &AdminOidc::leeway, "By how much clocks may differ.")
          .range(std::chrono::seconds(0), std::chrono::minutes(5)),
  };
}

Fields<Admin> Admin::fields() {
  Fields<Admin> fields{
      field("address", &Admin::address,
            "Where the admin listener is: metrics, health, the admin API. An address that other "
            "machines reach needs `tls`, and somebody who may sign in: by tokens (`state`), "
            "`certificates` or `oidc`.")
          .required(),
      field("tls", &Admin::tls,
            "Speaks TLS. With `client_ca` clients may, or have to, show a certificate."),
      field("certificates", &Admin::certificates,
            "Who may sign in with a client certificate, by role. Needs `tls.client_ca`."),
      field("oidc", &Admin::oidc,
            "Who may sign in with a token of an OpenID Provider (an ID token, or an access token "
            "that is a JWT), sent as `Authorization: Bearer`."),
      field("rate_limit", &Admin::rate_limit,
            "How often somebody who has signed in may ask; what ten seconds allow may come at "
            "once."),
  };
  fields.shorthand("address");
  return fields;
}

}  // namespace sallyport::config::model
