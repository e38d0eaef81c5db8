// Why the gateway itself ends an exchange.
#pragma once

#include "base/result.h"

namespace sallyport::gateway::reasons {

inline constexpr Reason kNoRoute{"gateway.no_route", 404, "There is nothing here."};
inline constexpr Reason kMethodNotAllowed{"gateway.method_not_allowed", 405,
                                          "This resource does not support the method."};
inline constexpr Reason kRedirectToHttps{"gateway.redirect_to_https", 308,
                                         "This service is available over HTTPS only."};
inline constexpr Reason kInternal{"gateway.internal", 500, "Something went wrong on our side.",
                                  Blame::gateway};
inline constexpr Reason kTooManyConnections{
    "gateway.too_many_connections", 503, "Too many connections are open.", Blame::operations, true};

}  // namespace sallyport::gateway::reasons
