// What differs between two configurations, told shortly: for the audit trail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::gateway {

inline constexpr std::size_t kMostChangesTold = 20;
inline constexpr std::size_t kLongestValueTold = 160;  // bytes

// Of Snapshot::redacted `before` and `after`, as a JSON object: "changes", a list of objects with
// "path" and, where there is one, "before" and "after" (JSON as text, clipped), and "more", how
// many changes beyond `most` are left out.
[[nodiscard]] std::string config_changes(std::string_view before, std::string_view after,
                                         std::size_t most = kMostChangesTold);

}  // namespace sallyport::gateway
