// Callers whom another HTTP service knows: it is asked about every request. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policy/service.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// How the service is told about the request.
enum class ExternalContract : std::uint8_t { forward_auth, ext_authz };

// How much of the request's body the service is told.
struct ExternalBody {
  schema::Size max{std::uint64_t{64} << 10};

  static schema::Fields<ExternalBody> fields();
};

struct ExternalCache {
  schema::Duration ttl = std::chrono::seconds(10);
  std::vector<std::string> key;  // empty: all that the service is told

  static schema::Fields<ExternalCache> fields();
};

// Headers of the answer that say who is calling.
struct ExternalIdentity {
  std::optional<std::string> consumer, subject, scopes, roles, groups;

  static schema::Fields<ExternalIdentity> fields();
};

struct ExternalAuthSettings {
  ServiceSettings service;
  ExternalContract contract = ExternalContract::forward_auth;
  std::string method = "GET";
  std::vector<std::string> headers{"Authorization", "Cookie"};
  std::optional<ExternalBody> body;
  std::vector<std::string> take_headers;
  std::vector<std::string> take_response_headers{"Content-Type", "Location", "Set-Cookie",
                                                 "WWW-Authenticate"};
  schema::Size max_answer{std::uint64_t{64} << 10};
  std::optional<ExternalCache> cache;
  ExternalIdentity identity;
  bool forward = false;

  static schema::Fields<ExternalAuthSettings> fields();
};

// Null: a file cannot be read, and the context heard why.
[[nodiscard]] std::unique_ptr<const Method> make_external_auth(
    const schema::Marked<ExternalAuthSettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
