// Proofs that the sender of a token holds the key it is bound to (DPoP, RFC 9449). Private to this
// folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

#include "jose/claims.h"
#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/token/dpop_nonces.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

enum class Dpop : std::uint8_t { off, allowed, required };

enum class DpopNonce : std::uint8_t { off, required };

// What proofs have to be like.
struct ProofRules {
  std::chrono::seconds lifetime;
  const DpopNonces* nonces = nullptr;  // null: they need none
};

inline constexpr std::string_view kDpopHeader = "DPoP";
// What proofs may be signed with: everything but secrets.
inline constexpr std::string_view kDpopAlgorithms =
    "ES256 ES384 ES512 EdDSA PS256 PS384 PS512 RS256 RS384 RS512";

// Proven, or why not.
using Possession = std::variant<std::monostate, Refused, Unavailable>;

// Whether the request carries a proof, made for it alone and as the rules say, with the key of that
// thumbprint (RFC 7638) and for that token. It is remembered: the next one with it is refused.
[[nodiscard]] Possession possession_of(std::string_view thumbprint, std::string_view token,
                                       Exchange& x, const ProofRules& rules, jose::Time now);

}  // namespace sallyport::policies::authenticate_detail
