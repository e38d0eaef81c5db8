// What methods that read tokens have in common. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/field.h"

namespace sallyport::policies::authenticate_detail {

// Where a request carries its credential.
struct Place {
  std::optional<std::string> header;  // and the scheme in front, "Bearer"
  std::optional<std::string> cookie;
  std::vector<std::string> trusted_origins;  // whose pages may change things by the cookie

  static schema::Fields<Place> fields();
};

// Claims that say more about the caller, as dotted paths.
struct ClaimNames {
  std::string consumer = "sub";
  std::string roles = "roles";
  std::string groups = "groups";

  static schema::Fields<ClaimNames> fields();
};

}  // namespace sallyport::policies::authenticate_detail
