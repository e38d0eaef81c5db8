// The roles of administrators, by the names they have in the API and the configuration. Each may
// what those before it may; which route asks for which is said once, in the table of routes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/records/records.h"

namespace sallyport::store {

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

}  // namespace sallyport::store
