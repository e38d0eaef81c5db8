// The tables of the policy's keys.
#include "policies/authenticate/settings.h"

#include <algorithm>

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

// What stands between quotes as it is.
std::string quotable(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  return plain ? std::string() : "may hold visible ASCII, but no quotes and no backslash";
}

}  // namespace

schema::Fields<MethodSettings> MethodSettings::fields() {
  schema::Fields<MethodSettings> table{
      field("jwt", &MethodSettings::jwt, "A JSON Web Token (RFC 7519), signed."),
      field("api_key", &MethodSettings::api_key,
            "An API key of the store (`state`): good for the APIs, networks and scopes it was "
            "issued for."),
      field("basic", &MethodSettings::basic,
            "A user name and a password (RFC 7617): a consumer of the store, or a user named "
            "here."),
      field("mtls", &MethodSettings::mtls,
            "The certificate of the connection. The listener says whose certificates are good "
            "(`client_ca`), and with `client_certificate: request` lets others connect too. "
            "Without `consumer` and `consumers` any good certificate will do, and names nobody."),
      field("http_signature", &MethodSettings::http_signature,
            "A signed request (RFC 9421), good once."),
      field("hmac", &MethodSettings::hmac,
            "A request signed with a shared secret, as webhooks are."),
      field("external_auth", &MethodSettings::external_auth,
            "A service is asked about every request: an external authorizer of Envoy's, or one "
            "made for forward authentication."),
      field("oauth2_introspection", &MethodSettings::oauth2_introspection,
            "A token whose issuer is asked what it means (RFC 7662)."),
      field("oidc_login", &MethodSettings::oidc_login,
            "People with browsers, who log in at an OpenID Provider and come back with a session "
            "in a cookie."),
      field("any", &MethodSettings::any, "Several ways to prove it; the first that does so counts.")
          .min_items(1),
      field("all", &MethodSettings::all,
            "Several ways that are all needed. Where more than one names a consumer, they have to "
            "name the same.")
          .min_items(2),
  };
  return table.named("proof", "A way to prove who is calling.")
      .exactly_one_of({"jwt", "api_key", "basic", "mtls", "http_signature", "hmac", "external_auth",
                       "oauth2_introspection", "oidc_login", "any", "all"})
      .shorthand("any");
}

schema::Fields<Config> Config::fields() {
  schema::Fields<Config> table{
      field("realm", &Config::realm, "Name of what is protected, for challenges.")
          .check(quotable)
          .example("orders"),
      field(
          "resource", &Config::resource,
          "Publishes the metadata from which clients find out whom to ask for tokens (RFC 9728)."),
      field("identity", &Config::identity,
            "What the upstream is told of the caller. Nobody else can tell it: headers of these "
            "names, dashes and underscores alike, are taken out of every request that any API of "
            "the configuration gets."),
  };
  return table.inlined(&Config::method).shorthand("any");
}

}  // namespace sallyport::policies::authenticate_detail
