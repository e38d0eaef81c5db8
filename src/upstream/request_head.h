// The request head as the upstream gets it: written anew from the model, with what this gateway
// says about the client. What the client said about itself is replaced unless its peer is trusted.
#pragma once

#include <string_view>

#include "policy/exchange.h"
#include "upstream/upstream.h"

namespace sallyport::upstream {

// In the exchange's arena; ends with the empty line. `chunked`: the body's length is not known.
[[nodiscard]] std::string_view write_request_head(Exchange& x, const Endpoint& endpoint,
                                                  bool chunked);

}  // namespace sallyport::upstream
