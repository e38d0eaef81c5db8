// The tables of those keys.
#include "policies/authenticate/proof/token_settings.h"

#include "http/chars.h"
#include "policies/authenticate/proof/same_origin.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

std::string token_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
}

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

// One that nobody would look at is a slip.
void check_origins(const Place& place, const schema::Node& node, schema::Context& context) {
  if (place.trusted_origins.empty() || place.cookie) return;
  context.error(node, "has `trusted_origins`, which are for a cookie, but no `cookie`", {},
                schema::code::kConflict);
}

}  // namespace

schema::Fields<Place> Place::fields() {
  schema::Fields<Place> table{
      field("header", &Place::header, "Header; the scheme `Bearer` stands in front of the token.")
          .check(token_fault)
          .default_text("Authorization"),
      field("cookie", &Place::cookie,
            "Cookie, in place of a header. What changes something has then to "
            "come from a page of the API's own origin.")
          .check(token_fault),
      field("trusted_origins", &Place::trusted_origins,
            "Other origins whose pages may change things by that cookie.")
          .or_single()
          .min_items(1)
          .check(origin_fault)
          .default_text("none")
          .example("https://app.example.com"),
  };
  return table.at_most_one_of({"header", "cookie"}).check(check_origins);
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

}  // namespace sallyport::policies::authenticate_detail
