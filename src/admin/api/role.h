// The roles of admin tokens, by the names they have in the API. Which route asks for which role is
// said once, in the table of routes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/records/records.h"

namespace sallyport::admin {

using store::AdminRole;

inline constexpr std::array<std::string_view, 4> kRoleNames = {"viewer", "operator", "security",
                                                               "admin"};

[[nodiscard]] constexpr std::string_view name_of(AdminRole role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}
[[nodiscard]] constexpr std::optional<AdminRole> role_named(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<AdminRole>(i);
  }
  return std::nullopt;
}

}  // namespace sallyport::admin
