// Why an upstream could not answer. The client learns the kind of failure, never the address.
#pragma once

#include "base/result.h"

namespace sallyport::upstream::reasons {

inline constexpr Reason kNoEndpoint{"upstream.no_endpoint", 503,
                                    "No server of this API is available.", Blame::upstream, true};
inline constexpr Reason kConnectFailed{"upstream.connect_failed", 502,
                                       "The API's server could not be reached.", Blame::upstream,
                                       true};
inline constexpr Reason kConnectTimeout{"upstream.connect_timeout", 504,
                                        "The API's server could not be reached in time.",
                                        Blame::upstream, true};
inline constexpr Reason kTlsFailed{
    "upstream.tls_failed", 502, "The API's server could not be reached securely.", Blame::upstream};
inline constexpr Reason kClosed{"upstream.closed", 502,
                                "The API's server closed the connection without an answer.",
                                Blame::upstream, true};
inline constexpr Reason kResponseTimeout{"upstream.response_timeout", 504,
                                         "The API's server did not answer in time.",
                                         Blame::upstream, true};
inline constexpr Reason kTruncated{"upstream.truncated", 502,
                                   "The API's server broke off its answer.", Blame::upstream};
inline constexpr Reason kBodyTimeout{"upstream.body_timeout", 504,
                                     "The API's server paused too long within its answer.",
                                     Blame::upstream};
inline constexpr Reason kBadResponse{"upstream.bad_response", 502,
                                     "The API's server gave an answer that is no HTTP.",
                                     Blame::upstream};
inline constexpr Reason kUnexpectedUpgrade{"upstream.unexpected_upgrade", 502,
                                           "The API's server switched protocols unasked.",
                                           Blame::upstream};
inline constexpr Reason kTooManyInterim{"upstream.too_many_interim", 502,
                                        "The API's server sent too many interim answers.",
                                        Blame::upstream};

}  // namespace sallyport::upstream::reasons
