// What the keys of the policy mean. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/api_key.h"
#include "policies/authenticate/basic.h"
#include "policies/authenticate/dpop.h"
#include "policies/authenticate/external_auth.h"
#include "policies/authenticate/http_signature.h"
#include "policies/authenticate/introspection.h"
#include "policies/authenticate/mtls.h"
#include "policies/authenticate/oidc_login.h"
#include "policies/authenticate/protected_resource.h"
#include "policies/authenticate/token_settings.h"
#include "policies/authenticate/upstream_identity.h"
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
  bool forward = false;

  static schema::Fields<JwtSettings> fields();
};

// One way to prove who is calling: exactly one of these.
struct MethodSettings {
  std::optional<schema::Marked<JwtSettings>> jwt;
  std::optional<schema::Marked<ApiKeySettings>> api_key;
  std::optional<schema::Marked<BasicSettings>> basic;
  std::optional<schema::Marked<MtlsSettings>> mtls;
  std::optional<schema::Marked<HttpSignatureSettings>> http_signature;
  std::optional<schema::Marked<ExternalAuthSettings>> external_auth;
  std::optional<schema::Marked<IntrospectionSettings>> introspection;
  std::optional<schema::Marked<OidcLoginSettings>> oidc_login;
  std::vector<schema::Marked<MethodSettings>> any;
  std::vector<schema::Marked<MethodSettings>> all;

  static schema::Fields<MethodSettings> fields();
};

struct Config {
  MethodSettings method;
  std::optional<std::string> realm;
  std::optional<schema::Marked<ResourceSettings>> resource;
  std::optional<IdentitySettings> identity;

  static schema::Fields<Config> fields();
};

}  // namespace sallyport::policies::authenticate_detail
