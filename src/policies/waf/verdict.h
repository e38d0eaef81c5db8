// What an intervention of the rules comes to: one of the policy's reasons, and words for operators.
#pragma once

#include <string>

#include "base/result.h"
#include "seclang/engine/transaction.h"

namespace sallyport::policies::waf_detail {

inline constexpr Reason kBlocked{"waf.blocked", 403, "The request looks like an attack."};
inline constexpr Reason kResponseBlocked{"waf.response_blocked", 403,
                                         "The response could not be handed out.", Blame::upstream};
inline constexpr Reason kRedirected{"waf.redirected", 302, "The request is sent elsewhere."};
inline constexpr Reason kBodyTooLong{"waf.body_too_long", 413,
                                     "The request body is longer than what is inspected."};

// The reason with the status that the rule wants. A status no refusal can have (`deny` with 200)
// becomes 403. `drop`, for which nothing here could close the connection, is a refusal too.
[[nodiscard]] const Reason& reason_of(const seclang::Intervention& intervention, bool response);

// Which rules matched in which variables, and the score; no values.
[[nodiscard]] std::string detail_of(const seclang::Transaction& transaction);

// The sum of the rules of one direction, as the Core Rule Set keeps it; 0 without one.
[[nodiscard]] std::uint32_t inbound_score(const seclang::Transaction& transaction);
[[nodiscard]] std::uint32_t outbound_score(const seclang::Transaction& transaction);

}  // namespace sallyport::policies::waf_detail
