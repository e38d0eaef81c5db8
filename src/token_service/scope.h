// Scopes (RFC 6749 section 3.3): words between single spaces.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::token_service {

enum class ScopeFault : std::uint8_t { malformed, not_allowed };

// What a client that may have `allowed` gets when it asks for `wanted`: each word once, in the
// order it was asked for; everything where it asks for nothing.
[[nodiscard]] std::expected<std::string, ScopeFault> granted_scope(
    std::string_view wanted, std::span<const std::string> allowed);

}  // namespace sallyport::token_service
