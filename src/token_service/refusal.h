// How the endpoints end: reasons for the log, and the error codes of RFC 6749 section 5.2 for the
// client.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sallyport::token_service {

inline constexpr Reason kIssued{"token_service.issued", 200, "A token was issued."};
inline constexpr Reason kRevoked{"token_service.revoked", 200,
                                 "The token is revoked, or was not good anyway."};
inline constexpr Reason kPublished{"token_service.published", 200,
                                   "A document of the token service was handed out."};
inline constexpr Reason kInvalidRequest{"token_service.invalid_request", 400,
                                        "The request is not one that RFC 6749 knows."};
inline constexpr Reason kInvalidClient{"token_service.invalid_client", 401,
                                       "The client did not prove who it is."};
inline constexpr Reason kUnauthorizedClient{"token_service.unauthorized_client", 400,
                                            "The token belongs to another client."};
inline constexpr Reason kUnsupportedGrant{"token_service.unsupported_grant_type", 400,
                                          "Tokens are given for client credentials only."};
inline constexpr Reason kInvalidScope{"token_service.invalid_scope", 400,
                                      "The client may not have that scope."};
inline constexpr Reason kInvalidTarget{"token_service.invalid_target", 400,
                                       "Tokens are not issued for that resource."};
inline constexpr Reason kTooManyFailures{"token_service.too_many_failures", 429,
                                         "Too many sign-ins have failed.", Blame::client, true};
inline constexpr Reason kUnavailable{"token_service.unavailable", 503,
                                     "Tokens cannot be issued or revoked at the moment.",
                                     Blame::operations, true};

// `description` is for the developer of the client: static, ASCII without quotes. `detail` is for
// the log.
struct Refusal {
  const Reason* reason;
  std::string_view description;
  std::string detail = {};
};

template <typename T>
using Answer = std::expected<T, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> refuse(const Reason& reason,
                                                     std::string_view description,
                                                     std::string detail = {}) {
  return std::unexpected(
      Refusal{.reason = &reason, .description = description, .detail = std::move(detail)});
}

// The value of `error` that stands for the reason.
[[nodiscard]] inline std::string_view error_of(const Reason& reason) {
  if (&reason == &kTooManyFailures) return "invalid_client";
  if (&reason == &kUnavailable) return "temporarily_unavailable";
  return reason.code.substr(reason.code.find('.') + 1);
}

}  // namespace sallyport::token_service
