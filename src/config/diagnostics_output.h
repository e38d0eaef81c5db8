// Diagnostics for programs: JSON and SARIF 2.1.0. For people there is Diagnostics::to_text().
#pragma once

#include <string>
#include <string_view>

#include "schema/diagnostics.h"

namespace sallyport::config {

// {"errors": N, "warnings": N, "diagnostics": [{severity, file, line, column, path, message,
// suggestion, code}]}
[[nodiscard]] std::string to_json(const schema::Diagnostics& diagnostics);

// One run of `sallyport`, one result per diagnostic.
[[nodiscard]] std::string to_sarif(const schema::Diagnostics& diagnostics,
                                   std::string_view version);

}  // namespace sallyport::config
