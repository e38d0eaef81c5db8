// See model_token_service.h.
#include "config/model_token_service.h"

#include <array>

#include "config/words.h"
#include "token_service/settings.h"

namespace sallyport::jose {

// The algorithms that tokens may be signed with.
constexpr auto enum_names(Algorithm /*algorithm*/) {
  return std::array{schema::EnumName{"ES256", Algorithm::es256, "ECDSA with P-256."},
                    schema::EnumName{"EdDSA", Algorithm::eddsa, "Ed25519."},
                    schema::EnumName{"RS256", Algorithm::rs256,
                                     "RSA with 3072 bits, for verifiers that know nothing else."}};
}

}  // namespace sallyport::jose

namespace sallyport::config::model {

using schema::field;
using schema::Fields;

namespace {

std::string issuer_fault(const std::string& text) {
  std::string why;
  return token_service::parse_issuer(text, &why) ? std::string() : why;
}

std::string base_fault(const std::string& path) {
  if (path.size() < 2 || path.ends_with('/')) return "has to be a path like /oauth";
  return path_fault(path);
}

}  // namespace

Fields<SigningKeys> SigningKeys::fields() {
  return {
      field("algorithm", &SigningKeys::algorithm, "What tokens are signed with."),
      field(
          "rotation", &SigningKeys::rotation,
          "How long a key signs. Its successor is published a quarter of that earlier, an hour at "
          "most; its own public part until what it signed has expired.")
          .range(std::chrono::seconds(10), std::chrono::days(366)),
  };
}

Fields<TokenService> TokenService::fields() {
  return {
      field("issuer", &TokenService::issuer,
            "The URL that tokens name as their issuer (`iss`); the service answers to its host.")
          .required()
          .check(issuer_fault)
          .example("https://api.example.com"),
      field("path", &TokenService::path,
            "What the paths of its endpoints begin with: `/token`, `/revoke` and `/jwks`. The "
            "discovery documents are where clients look for them.")
          .check(base_fault),
      field(
          "audiences", &TokenService::audiences,
          "Whom tokens may be for (`aud`). A request may name one of these (`resource`); where it "
          "does not, the token is for the first.")
          .required()
          .or_single()
          .min_items(1)
          .check([](const std::string& audience) {
            return audience.empty() ? std::string("must not be empty") : std::string();
          })
          .example("https://api.example.com/orders"),
      field("lifetime", &TokenService::lifetime,
            "How long tokens are good at most; a client's record may say less.")
          .range(std::chrono::seconds(1), std::chrono::hours(24)),
      field("keys", &TokenService::keys, "The keys that tokens are signed with."),
      field("audit_failures", &TokenService::audit_failures,
            "Whether sign-ins of clients that fail are recorded in the audit trail."),
  };
}

}  // namespace sallyport::config::model
