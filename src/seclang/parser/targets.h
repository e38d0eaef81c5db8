// Reads what a rule looks at: ARGS|!ARGS:key|&REQUEST_HEADERS:/regex/|XML:/*.
#pragma once

#include <vector>

#include "seclang/parser/report.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// In the order written, exclusions included. What is wrong is reported and left out; so is an empty
// list.
[[nodiscard]] std::vector<Target> parse_targets(const Piece& list, Report& report);

}  // namespace sallyport::seclang
