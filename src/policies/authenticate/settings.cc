// The tables of the policy's keys.
#include "policies/authenticate/settings.h"

#include "http/chars.h"
#include "http/fetch.h"
#include "jose/algorithm.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

std::string token_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
}

std::string algorithm_fault(const std::string& name) {
  if (jose::algorithm_named(name)) return {};
  return "is not one of " + jose::to_text(jose::AlgorithmSet::all());
}

std::string url_fault(const std::string& url) {
  return http::may_be_fetched(url)
             ? std::string()
             : "has to begin with https:// (or http:// and a loopback address)";
}

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

}  // namespace

schema::Fields<Place> Place::fields() {
  schema::Fields<Place> table{
      field("header", &Place::header, "Header; the scheme `Bearer` stands in front of the token.")
          .check(token_fault)
          .default_text("Authorization"),
      field("cookie", &Place::cookie, "Cookie, in place of a header.").check(token_fault),
  };
  return table.at_most_one_of({"header", "cookie"});
}

schema::Fields<KeySettings> KeySettings::fields() {
  schema::Fields<KeySettings> table{
      field("url", &KeySettings::url, "Where a JWK Set is fetched from.")
          .check(url_fault)
          .example("https://login.example.com/jwks.json"),
      field("jwks", &KeySettings::jwks, "File with a JWK Set (RFC 7517).")
          .example("/etc/sallyport/login.jwks.json"),
      field("pem", &KeySettings::pem, "File with a public key or a certificate in PEM.")
          .example("/etc/sallyport/login.pem"),
      field("secret", &KeySettings::secret,
            "Secret that issuer and gateway share, for HS256, HS384 and HS512; at least as long as "
            "the hash.")
          .example("${env:TOKEN_SECRET}"),
      field("inline", &KeySettings::inline_jwks, "A JWK Set, as the text of its JSON."),
      field("ca", &KeySettings::ca,
            "Authorities that may vouch for the server which keys are fetched from, in PEM.")
          .default_text("those of the system"),
      field("refresh", &KeySettings::refresh, "How long keys that were fetched are good.")
          .range(std::chrono::seconds(10), std::chrono::hours(24)),
  };
  return table.at_most_one_of({"url", "jwks", "pem", "secret", "inline"});
}

schema::Fields<ClaimNames> ClaimNames::fields() {
  return {
      field("consumer", &ClaimNames::consumer, "Claim that names the consumer.").check(not_empty),
      field("roles", &ClaimNames::roles,
            "Claim with the caller's roles: a list, or words in a text.")
          .example("realm_access.roles")
          .check(not_empty),
      field("groups", &ClaimNames::groups, "Claim with the caller's groups.").check(not_empty),
  };
}

schema::Fields<JwtSettings> JwtSettings::fields() {
  return {
      field("issuer", &JwtSettings::issuer, "Who may have issued the token (`iss`): any of these.")
          .required()
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("https://login.example.com"),
      field("audience", &JwtSettings::audience,
            "Whom the token must be meant for (`aud`): any of these.")
          .required()
          .or_single()
          .min_items(1)
          .check(not_empty)
          .example("orders"),
      field("keys", &JwtSettings::keys, "What its signature is verified with.")
          .default_text("the keys that the issuer's discovery document names"),
      field("algorithms", &JwtSettings::algorithms,
            "Signature algorithms that are accepted, of those that a key is made for.")
          .or_single()
          .check(algorithm_fault)
          .default_text("all that the keys are made for"),
      field("types", &JwtSettings::types, "Accepted values of `typ`, which may also be absent.")
          .or_single()
          .min_items(1),
      field("required_claims", &JwtSettings::required_claims,
            "Claims that must be there, beside `exp`.")
          .or_single(),
      field("leeway", &JwtSettings::leeway, "By how much clocks may differ.")
          .range(std::chrono::seconds(0), std::chrono::minutes(5)),
      field("from", &JwtSettings::from, "Where requests carry the token."),
      field("claims", &JwtSettings::claims, "Which claims say what."),
      field("forward", &JwtSettings::forward, "Whether the upstream gets the token too."),
  };
}

schema::Fields<MethodSettings> MethodSettings::fields() {
  schema::Fields<MethodSettings> table{
      field("jwt", &MethodSettings::jwt, "A JSON Web Token (RFC 7519), signed."),
      field("api_key", &MethodSettings::api_key,
            "An API key of the store (`state`): good for the APIs, networks and scopes it was "
            "issued for."),
      field("basic", &MethodSettings::basic,
            "A user name and a password (RFC 7617): a consumer of the store, or a user named "
            "here."),
  };
  return table.exactly_one_of({"jwt", "api_key", "basic"});
}

schema::Fields<Config> Config::fields() {
  schema::Fields<Config> table{
      field("jwt", &Config::jwt, "A JSON Web Token (RFC 7519), signed."),
      field("api_key", &Config::api_key,
            "An API key of the store (`state`): good for the APIs, networks and scopes it was "
            "issued for."),
      field("basic", &Config::basic,
            "A user name and a password (RFC 7617): a consumer of the store, or a user named "
            "here."),
      field("any", &Config::any, "Several ways to prove it; the first that does so counts.")
          .min_items(1),
  };
  return table.exactly_one_of({"jwt", "api_key", "basic", "any"}).shorthand("any");
}

}  // namespace sallyport::policies::authenticate_detail
