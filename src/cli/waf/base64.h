// Base64 as test files hold it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::cli::waf {

// RFC 4648 section 4, padding required; line ends are skipped. Empty if it is anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace sallyport::cli::waf
