// What the keys of the policy mean. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/consumer/api_key.h"
#include "policies/authenticate/consumer/basic.h"
#include "policies/authenticate/consumer/mtls.h"
#include "policies/authenticate/external/external_auth.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/protected_resource.h"
#include "policies/authenticate/signature/hmac.h"
#include "policies/authenticate/signature/http_signature.h"
#include "policies/authenticate/token/introspection.h"
#include "policies/authenticate/token/jwt_settings.h"
#include "policies/authenticate/upstream_identity_settings.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// One way to prove who is calling: exactly one of these.
struct MethodSettings {
  std::optional<schema::Marked<JwtSettings>> jwt;
  std::optional<schema::Marked<ApiKeySettings>> api_key;
  std::optional<schema::Marked<BasicSettings>> basic;
  std::optional<schema::Marked<MtlsSettings>> mtls;
  std::optional<schema::Marked<HttpSignatureSettings>> http_signature;
  std::optional<schema::Marked<HmacSettings>> hmac;
  std::optional<schema::Marked<ExternalAuthSettings>> external_auth;
  std::optional<schema::Marked<IntrospectionSettings>> oauth2_introspection;
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
