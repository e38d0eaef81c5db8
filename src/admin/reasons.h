// Why the admin listener refuses a request.
#pragma once

#include "base/result.h"

namespace sallyport::admin::reasons {

inline constexpr Reason kNotFound{"admin.not_found", 404, "There is nothing here."};
inline constexpr Reason kMethodNotAllowed{"admin.method_not_allowed", 405,
                                          "This resource does not support the method."};
inline constexpr Reason kWrongHost{"admin.wrong_host", 421,
                                   "This listener answers to its own address only."};
inline constexpr Reason kCrossSite{"admin.cross_site", 403,
                                   "Pages of other sites may change nothing here."};
inline constexpr Reason kUnknownRequest{"admin.unknown_request", 404,
                                        "No decision trail is kept of that request."};
inline constexpr Reason kBadQuestion{"admin.bad_question", 400,
                                     "That is not a request that could be explained."};
inline constexpr Reason kReloadRefused{"admin.reload_refused", 422,
                                       "The configuration in force stays: the new one has errors."};
inline constexpr Reason kStopping{"admin.stopping", 503, "The gateway is stopping.",
                                  Blame::operations, true};
inline constexpr Reason kTooManyConnections{
    "admin.too_many_connections", 503, "Too many connections are open.", Blame::operations, true};

}  // namespace sallyport::admin::reasons
