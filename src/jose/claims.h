// What is expected of a token's type and claims (RFC 7519 section 4, RFC 8725).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jose/algorithm.h"
#include "jose/failure.h"
#include "json/document.h"

namespace sallyport::jose {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// Strict as it stands: a token has to expire, and without issuers or audiences none is accepted
// unless it is said that any will do.
struct Expectations {
  std::vector<std::string> issuers;    // `iss` is one of them, byte for byte
  bool any_issuer = false;             // `iss` is not looked at
  std::vector<std::string> audiences;  // `aud` is, or holds, one of them
  bool any_audience = false;           // `aud` is not looked at
  // Media types of `typ`, without regard to case, "application/" left out on either side.
  std::vector<std::string> types = {"JWT", "at+jwt"};
  bool type_required = false;  // else `typ` may be absent
  bool expiry_required = true;
  std::vector<std::string> required_claims;
  std::chrono::seconds leeway{30};  // of `exp`, `nbf` and `iat`, for clocks that differ
  AlgorithmSet algorithms = AlgorithmSet::all();
  std::size_t max_size = 16 * 1024;  // bytes of the token
};

// Nothing when the header's `typ` is accepted.
[[nodiscard]] std::optional<Failure> check_type(json::Value header, const Expectations& expected);

// Nothing when the claims, an object, are as expected at `now`.
[[nodiscard]] std::optional<Failure> check_claims(json::Value claims, const Expectations& expected,
                                                  Time now);

// A NumericDate, fractions of a second included; nothing when it is absent, no number, or outside
// the years 1 to 9999.
[[nodiscard]] std::optional<Time> time_of(json::Value claims, std::string_view claim);

}  // namespace sallyport::jose
