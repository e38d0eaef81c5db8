// Why a token or a signature is not good.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::jose {

enum class FailureCode : std::uint8_t {
  too_large,              // beyond the bound on its size
  malformed,              // not a compact JWS of base64url and strict JSON
  unsupported,            // something in its header that has to be understood is not
  algorithm_not_allowed,  // `alg` is missing, unknown, or not one of those that may be used
  unknown_key,            // no key has the token's key id, or none fits its algorithm
  bad_signature,          // no key that fits verifies it
  wrong_type,             // `typ` is not accepted
  invalid_claim,          // a claim is of the wrong JSON type or out of range
  missing_claim,
  expired,
  not_yet_valid,
  issued_in_future,
  wrong_issuer,
  wrong_audience,
};

// Stable, in snake_case as above.
[[nodiscard]] std::string_view name_of(FailureCode code);

// `sentence` is for operators. It holds no secret, no token and no signature; what it quotes of a
// token is short and printable.
struct Failure {
  FailureCode code;
  std::string sentence;
};

// `text` in quotation marks: printable ASCII, at most 80 characters of it.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace sallyport::jose
