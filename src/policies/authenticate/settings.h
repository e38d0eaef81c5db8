// What the keys of the policy mean. Private to this folder.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/api_key.h"
#include "policies/authenticate/basic.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// Where a request carries its credential.
struct Place {
  std::optional<std::string> header;  // and the scheme in front, "Bearer"
  std::optional<std::string> cookie;

  static schema::Fields<Place> fields();
};

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

// Claims that say more about the caller, as dotted paths.
struct ClaimNames {
  std::string consumer = "sub";
  std::string roles = "roles";
  std::string groups = "groups";

  static schema::Fields<ClaimNames> fields();
};

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
  bool forward = false;

  static schema::Fields<JwtSettings> fields();
};

// One way to prove who is calling: exactly one of these.
struct MethodSettings {
  std::optional<schema::Marked<JwtSettings>> jwt;
  std::optional<schema::Marked<ApiKeySettings>> api_key;
  std::optional<schema::Marked<BasicSettings>> basic;

  static schema::Fields<MethodSettings> fields();
};

struct Config {
  std::optional<schema::Marked<JwtSettings>> jwt;
  std::optional<schema::Marked<ApiKeySettings>> api_key;
  std::optional<schema::Marked<BasicSettings>> basic;
  std::vector<MethodSettings> any;

  static schema::Fields<Config> fields();
};

}  // namespace sallyport::policies::authenticate_detail
