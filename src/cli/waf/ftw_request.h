// The bytes that a stage of a regression test puts on the wire, exactly as go-ftw builds them:
// rules are tested with what its additions make of a request.
#pragma once

#include <string>

#include "cli/waf/ftw_suite.h"

namespace sallyport::cli::waf {

[[nodiscard]] std::string build_request(const FtwInput& input);

}  // namespace sallyport::cli::waf
