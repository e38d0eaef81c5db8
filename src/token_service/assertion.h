// Assertions that clients sign to prove who they are (RFC 7523 sections 2.2 and 3).
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "jose/claims.h"
#include "jose/key_set.h"

namespace sallyport::token_service {

inline constexpr std::size_t kLongestAssertion = 8192;

// Algorithms of assertions: those of key pairs.
[[nodiscard]] jose::AlgorithmSet assertion_algorithms();

// Whom an assertion says it is of. Nobody has checked that.
[[nodiscard]] std::optional<std::string> claimed_subject(std::string_view assertion);

struct Assertion {
  std::string id;    // `jti`
  jose::Time until;  // when it is certainly good no more, clocks that differ included
};

// What `client` has signed with one of `keys`, for nobody but one of `audiences`, good now and not
// for long. The error is a sentence for operators.
[[nodiscard]] std::expected<Assertion, std::string> verify_assertion(
    std::string_view assertion, std::string_view client, const jose::KeySet& keys,
    std::span<const std::string> audiences, jose::Time now);

}  // namespace sallyport::token_service
