// Who may sign in at the admin listener beside the holders of its tokens. Immutable.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "issuers/key_source.h"
#include "jose/claims.h"
#include "policy/claim_path.h"
#include "policy/known_certificates.h"
#include "store/records/admin_role.h"

namespace sallyport::config {

// Whoever brings a token of an OpenID Provider.
struct OidcPeople {
  std::string issuer;
  std::shared_ptr<KeySource> keys;
  jose::Expectations expected;
  std::chrono::milliseconds max_age;
  ClaimPath claim;
  bool claim_is_words;                                         // of a text, as `scope` is
  std::map<std::string, store::AdminRole, std::less<>> roles;  // by value of the claim
};

struct AdminPeople {
  KnownCertificates certificates;  // of whom: the name of a role
  std::optional<OidcPeople> oidc;
};

}  // namespace sallyport::config
