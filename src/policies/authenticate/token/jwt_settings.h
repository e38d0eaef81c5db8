// What the keys of `jwt` mean. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/token_settings.h"
#include "policies/authenticate/token/dpop.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// What a token is verified with: exactly one of these; none: what the issuer's discovery document
// names.
struct KeySettings {
  std::optional<std::string> url;        // of a JWK Set
  std::optional<schema::FilePath> jwks;  // a JWK Set
  std::optional<schema::FilePath> pem;   // a public key or a certificate
  std::optional<schema::Secret> secret;  // for HS256, HS384 and HS512
  std::optional<std::string> inline_jwks;
  std::optional<schema::FilePath> ca;  // of the server of `url` or discovery
  schema::Duration refresh = std::chrono::minutes(10);

  static schema::Fields<KeySettings> fields();
};

// What every token has to be bound to.
enum class Bound : std::uint8_t { certificate };

struct JwtSettings {
  std::vector<std::string> issuer;
  std::vector<std::string> audience;
  std::optional<schema::Marked<KeySettings>> keys;
  std::vector<std::string> algorithms;
  std::vector<std::string> types = {"JWT", "at+jwt"};
  std::vector<std::string> required_claims;
  schema::Duration leeway = std::chrono::seconds(30);
  Place from;
  ClaimNames claims;
  std::optional<Bound> bound;
  Dpop dpop = Dpop::off;
  schema::Duration dpop_lifetime = std::chrono::seconds(60);
  DpopNonce dpop_nonce = DpopNonce::off;
  bool forward = false;

  static schema::Fields<JwtSettings> fields();
};

}  // namespace sallyport::policies::authenticate_detail
