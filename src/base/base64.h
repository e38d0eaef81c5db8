// base64 with its standard alphabet and padding (RFC 4648 section 4), strictly: one text for each
// sequence of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sallyport {

[[nodiscard]] std::string base64_encode(std::string_view bytes);

// Writes the bytes and says how many; nothing when the text is malformed or `out` is too small. No
// copy of the text or of the bytes is left elsewhere.
[[nodiscard]] std::optional<std::size_t> base64_decode(std::string_view text, std::span<char> out);
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace sallyport
