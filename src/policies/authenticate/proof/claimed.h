// What claims about a caller come to, whoever vouched for them: a signature, or an introspection
// endpoint. Private to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "json/document.h"
#include "policies/authenticate/proof/token_settings.h"
#include "policy/claim_path.h"
#include "policy/identity.h"

namespace sallyport::policies::authenticate_detail {

// Texts belong to the claims, lists of the identity to this.
struct Claimed {
  std::vector<std::string_view> scopes, roles, groups;
  Identity identity;
};

// Which claims say what. Immutable.
class ClaimMap {
 public:
  explicit ClaimMap(const ClaimNames& names);

  // `into` stays where it is as long as its identity is used. Method, strength and owner of that
  // are the caller's to fill in.
  void read(json::Value claims, Claimed& into) const;

 private:
  const ClaimPath consumer_, roles_, groups_;
};

}  // namespace sallyport::policies::authenticate_detail
