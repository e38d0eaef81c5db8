// The tables of the keys of `oauth2_introspection`.
#include "policies/authenticate/token/introspection.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

}  // namespace

schema::Fields<IntrospectionCache> IntrospectionCache::fields() {
  return {
      field("ttl", &IntrospectionCache::ttl,
            "How long a token that was found active is believed to be, at most until it expires. A "
            "token that is revoked may be good for so long; 0 asks for every request.")
          .range(std::chrono::milliseconds(0), std::chrono::hours(1)),
      field("inactive_ttl", &IntrospectionCache::inactive_ttl,
            "How long a token that was found inactive is believed to be.")
          .range(std::chrono::milliseconds(0), std::chrono::minutes(5)),
  };
}

schema::Fields<IntrospectionSettings> IntrospectionSettings::fields() {
  schema::Fields<IntrospectionSettings> table{
      field("client_id", &IntrospectionSettings::client_id,
            "What the gateway is called at the endpoint.")
          .required()
          .check(not_empty),
      field("client_secret", &IntrospectionSettings::client_secret,
            "Its secret, sent as `client_secret_basic` (RFC 6749 section 2.3.1).")
          .required()
          .example("${env:INTROSPECTION_SECRET}"),
      field("token_type_hint", &IntrospectionSettings::token_type_hint,
            "What the endpoint is told about the kind of token.")
          .check(not_empty)
          .example("access_token"),
      field("issuer", &IntrospectionSettings::issuer,
            "Who may have issued the token (`iss`): any of these.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .default_text("whatever the endpoint answers for"),
      field("audience", &IntrospectionSettings::audience,
            "Whom the token must be meant for (`aud`): any of these.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .default_text("anybody: then a token for another API is good for this one too"),
      field("scopes", &IntrospectionSettings::scopes, "Scopes, all of which the token needs.")
          .or_single()
          .min_items(1)
          .check(not_empty)
          .default_text("none"),
      field("leeway", &IntrospectionSettings::leeway, "By how much clocks may differ.")
          .range(std::chrono::seconds(0), std::chrono::minutes(5)),
      field("cache", &IntrospectionSettings::cache, "How long answers are remembered."),
      field("from", &IntrospectionSettings::from, "Where requests carry the token."),
      field("claims", &IntrospectionSettings::claims, "Which members of the answer say what."),
      field("forward", &IntrospectionSettings::forward, "Whether the upstream gets the token too."),
  };
  return table.inlined(&IntrospectionSettings::service);
}

}  // namespace sallyport::policies::authenticate_detail
