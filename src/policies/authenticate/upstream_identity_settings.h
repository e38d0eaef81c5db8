// What the keys of `identity` mean: how the upstream learns who is calling. Private to this folder.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// Names of headers.
struct IdentityHeaderSettings {
  std::optional<std::string> consumer, subject, issuer, client, method, strength;
  std::optional<std::string> scopes, roles, groups;
  schema::NamedList<std::string> claims;  // by path

  static schema::Fields<IdentityHeaderSettings> fields();
};

struct SignedIdentitySettings {
  std::string header = "X-Identity";
  schema::FilePath key;
  std::optional<std::string> algorithm;
  std::string issuer = "sallyport";
  std::optional<std::string> audience;
  schema::Duration lifetime = std::chrono::seconds(60);

  static schema::Fields<SignedIdentitySettings> fields();
};

struct IdentitySettings {
  std::optional<schema::Marked<IdentityHeaderSettings>> headers;
  std::optional<schema::Marked<SignedIdentitySettings>> signed_token;

  static schema::Fields<IdentitySettings> fields();
};

// What is wrong with the name of a header that the upstream reads; empty: nothing.
[[nodiscard]] std::string identity_header_fault(const std::string& name);

}  // namespace sallyport::policies::authenticate_detail
