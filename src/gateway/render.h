// Turns an early end into the answer the client gets: RFC 9457 problem details with a stable code.
// Details stay here; they are for the log.
#pragma once

#include "http/message.h"
#include "policy/exchange.h"

namespace sallyport::gateway {

// Everything the answer needs is in the exchange's arena. Sets x.reason and x.detail.
[[nodiscard]] http::Response render(Exchange& x, const Stop& why);

}  // namespace sallyport::gateway
