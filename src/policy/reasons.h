// The reasons for which the pipeline itself ends an exchange; every policy has its own beside it.
#pragma once

#include <array>

#include "base/result.h"

namespace sallyport::reasons {

inline constexpr Reason kPolicyInternal{
    "policy.internal", 500, "The gateway could not decide on this request.", Blame::gateway};
inline constexpr Reason kBodyTooLarge{"policy.body_too_large", 413,
                                      "The request body is too large to be checked."};
inline constexpr Reason kResponseTooLarge{
    "policy.response_too_large", 502, "The response is too large to be checked.", Blame::upstream};

// All of them, for the catalogue of reasons.
inline constexpr std::array kOfPipeline{&kPolicyInternal, &kBodyTooLarge, &kResponseTooLarge};

}  // namespace sallyport::reasons
