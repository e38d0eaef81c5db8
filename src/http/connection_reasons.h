// Reasons that come from time and from peers that leave, not from bytes.
#pragma once

#include "base/result.h"

namespace sallyport::http::reasons {

inline constexpr Reason kHeaderTimeout{"http.header_timeout", 408,
                                       "The request head did not arrive in time."};
inline constexpr Reason kBodyTimeout{"http.body_timeout", 408,
                                     "The request body did not arrive in time."};
inline constexpr Reason kBodyTooSlow{"http.body_too_slow", 408,
                                     "The request body arrives too slowly."};
inline constexpr Reason kIncompleteHead{"http.incomplete_head", 400,
                                        "The connection ended within the request head."};
inline constexpr Reason kIncompleteBody{"http.incomplete_body", 400,
                                        "The connection ended within the request body."};
// 499 is never sent: there is nobody left to read it. It stands in the log.
inline constexpr Reason kClientGone{"http.client_gone", 499, "The client closed the connection."};
inline constexpr Reason kSendTimeout{"http.send_timeout", 499,
                                     "The client stopped reading the answer."};
inline constexpr Reason kBodyLengthMismatch{
    "http.body_length_mismatch", 500, "The answer's body does not have the length it announced.",
    Blame::gateway};
inline constexpr Reason kRequestTimeout{
    "http.request_timeout", 504, "The request took longer than it may.", Blame::upstream, true};

}  // namespace sallyport::http::reasons
