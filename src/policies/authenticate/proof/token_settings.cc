// The tables of those keys.
#include "policies/authenticate/proof/token_settings.h"

#include "http/chars.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

std::string token_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
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
