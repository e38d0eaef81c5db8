// Callers who bring a token that only its issuer can read: the issuer is asked what it means (OAuth
// 2.0 Token Introspection, RFC 7662). Private to this folder.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/proof/token_settings.h"
#include "policy/service.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

struct IntrospectionCache {
  schema::Duration ttl = std::chrono::seconds(30);
  schema::Duration inactive_ttl = std::chrono::seconds(5);

  static schema::Fields<IntrospectionCache> fields();
};

struct IntrospectionSettings {
  ServiceSettings service;
  std::string client_id;
  schema::Secret client_secret;
  std::optional<std::string> token_type_hint;
  std::vector<std::string> issuer;
  std::vector<std::string> audience;
  std::vector<std::string> scopes;
  schema::Duration leeway = std::chrono::seconds(30);
  IntrospectionCache cache;
  Place from;
  ClaimNames claims;
  bool forward = false;

  static schema::Fields<IntrospectionSettings> fields();
};

// Null: a file cannot be read, and the context heard why.
[[nodiscard]] std::unique_ptr<const Method> make_introspection(
    const schema::Marked<IntrospectionSettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
