// The configuration that rule sets expect to find in place: ModSecurity's recommended settings and
// its rules 200000 to 200007, which choose a body processor by content type and report bodies that
// cannot be taken apart.
#pragma once

#include <string_view>

#include "seclang/parser/load.h"

namespace sallyport::seclang {

// What messages call the text; no file of this name is read.
inline constexpr std::string_view kRecommendedName = "recommended.conf";

// Loaded before any rule set; whatever is loaded behind it may say otherwise.
[[nodiscard]] Source recommended();

}  // namespace sallyport::seclang
