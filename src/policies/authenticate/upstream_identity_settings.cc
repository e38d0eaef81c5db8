// The tables of the keys of `identity`.
#include "policies/authenticate/upstream_identity_settings.h"

#include "http/chars.h"
#include "http/headers.h"
#include "jose/algorithm.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

std::string algorithm_fault(const std::string& name) {
  return jose::algorithm_named(name) ? std::string()
                                     : "is not one of " + jose::to_text(jose::AlgorithmSet::all());
}

void check_one(const IdentitySettings& settings, const schema::Node& node,
               schema::Context& context) {
  if (settings.headers || settings.signed_token) return;
  context.error(node, "names nothing that the upstream would get", "Give `headers` or `signed`.",
                schema::code::kMissingKey);
}

}  // namespace

std::string identity_header_fault(const std::string& name) {
  if (!http::is_token(name)) return "is not a name that HTTP allows";
  return http::header_id(name) == http::HeaderId::unknown ? std::string()
                                                          : "is a header with a meaning of its own";
}

schema::Fields<IdentityHeaderSettings> IdentityHeaderSettings::fields() {
  using S = IdentityHeaderSettings;
  return {
      field("consumer", &S::consumer, "Header with the name of the consumer.")
          .check(identity_header_fault)
          .example("X-Consumer"),
      field("subject", &S::subject, "Header with the subject, in the words of its issuer.")
          .check(identity_header_fault),
      field("issuer", &S::issuer, "Header with who vouches for the subject.")
          .check(identity_header_fault),
      field("client", &S::client, "Header with the application that is used.")
          .check(identity_header_fault),
      field("method", &S::method, "Header with the way it was proven: `jwt`.")
          .check(identity_header_fault),
      field("strength", &S::strength, "Header with how well it was proven: `token`.")
          .check(identity_header_fault),
      field("scopes", &S::scopes, "Header with the scopes, commas between them.")
          .check(identity_header_fault),
      field("roles", &S::roles, "Header with the roles.").check(identity_header_fault),
      field("groups", &S::groups, "Header with the groups.").check(identity_header_fault),
      field("claims", &S::claims, "Claims, as dotted paths, and the headers for them.")
          .example("{tenant: X-Tenant}"),
  };
}

schema::Fields<SignedIdentitySettings> SignedIdentitySettings::fields() {
  using S = SignedIdentitySettings;
  return {
      field("header", &S::header, "Header for the token.").check(identity_header_fault),
      field("key", &S::key,
            "File with the private key that signs: PEM without a passphrase, or a JSON Web Key.")
          .required()
          .example("/etc/sallyport/identity.pem"),
      field("algorithm", &S::algorithm, "Signature algorithm, of those that the key is made for.")
          .check(algorithm_fault)
          .default_text("the first that the key is made for"),
      field("issuer", &S::issuer, "Its `iss`."),
      field("audience", &S::audience, "Its `aud`.").default_text("the name of the API"),
      field("lifetime", &S::lifetime,
            "How long a token is good. One is used again for as long as half of that is left.")
          .range(std::chrono::seconds(2), std::chrono::hours(1)),
  };
}

schema::Fields<IdentitySettings> IdentitySettings::fields() {
  schema::Fields<IdentitySettings> table{
      field("headers", &IdentitySettings::headers, "Headers that hold one fact each."),
      field("signed", &IdentitySettings::signed_token,
            "A signed JSON Web Token that holds all of it."),
  };
  return table.check(check_one);
}

}  // namespace sallyport::policies::authenticate_detail
