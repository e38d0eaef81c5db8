// The backend that the Core Rule Set is tested with: it answers what a request asks it to answer.
#pragma once

#include "cli/waf/exchange.h"

namespace sallyport::cli::waf {

// POST /reflect with {"status": N, "headers": {}, "body": "", "encodedBody": "base64"} is answered
// so, or with 400 if that cannot be read; anything else with 200 and no body.
[[nodiscard]] WebResponse reflect(const WebRequest& request);

// The content type that Go's server finds out from a body (the WHATWG rules, abridged).
[[nodiscard]] std::string_view sniffed_type(std::string_view body);

}  // namespace sallyport::cli::waf
