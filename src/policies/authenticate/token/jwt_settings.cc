// The tables of the keys of `jwt`.
#include "policies/authenticate/token/jwt_settings.h"

#include <array>

#include "http/fetch.h"
#include "jose/algorithm.h"

namespace sallyport::policies::authenticate_detail {

constexpr auto enum_names(Bound /*bound*/) {
  return std::array{schema::EnumName{"certificate", Bound::certificate,
                                     "To the certificate of the connection (RFC 8705)."}};
}

constexpr auto enum_names(Dpop /*dpop*/) {
  return std::array{
      schema::EnumName{"off", Dpop::off, "Tokens that are bound to a key are refused."},
      schema::EnumName{"allowed", Dpop::allowed, "They come with a proof; others as `Bearer`."},
      schema::EnumName{"required", Dpop::required, "Only tokens that are bound to a key."}};
}

constexpr auto enum_names(DpopNonce /*nonce*/) {
  return std::array{
      schema::EnumName{"off", DpopNonce::off, "Proofs need none."},
      schema::EnumName{"required", DpopNonce::required,
                       "Proofs without a current one are refused with `use_dpop_nonce` and told "
                       "which to take (`DPoP-Nonce`)."}};
}

namespace {

using schema::field;

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
      field("bound", &JwtSettings::bound,
            "What every token has to be bound to. One that is bound is good for its holder only, "
            "whatever stands here.")
          .default_text("nothing"),
      field("dpop", &JwtSettings::dpop,
            "Whether tokens may, or have to, come with a proof that the sender holds the key they "
            "are bound to (DPoP, RFC 9449)."),
      field("dpop_lifetime", &JwtSettings::dpop_lifetime, "How long a proof is good.")
          .range(std::chrono::seconds(1), std::chrono::minutes(5)),
      field("dpop_nonce", &JwtSettings::dpop_nonce,
            "Whether proofs have to hold a nonce that the gateway gave out within the last five "
            "minutes, so that nobody can make them in advance (RFC 9449 section 9)."),
      field("forward", &JwtSettings::forward, "Whether the upstream gets the token too."),
  };
}

}  // namespace sallyport::policies::authenticate_detail
