// base64url without padding (RFC 4648 section 5, RFC 7515 appendix C), strictly: one text for each
// sequence of bytes, so that no two texts carry the same token.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sallyport {

[[nodiscard]] std::string base64url_encode(std::string_view bytes);

// The bytes that a text of that size stands for.
[[nodiscard]] constexpr std::size_t base64url_decoded_size(std::size_t text) {
  return text / 4 * 3 + (text % 4 == 0 ? 0 : text % 4 - 1);
}

// Writes the bytes and says how many; nothing when the text is malformed (padding, white space,
// other characters, bits left over that are not zero) or `out` is smaller than its decoded size.
[[nodiscard]] std::optional<std::size_t> base64url_decode(std::string_view text,
                                                          std::span<char> out);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace sallyport
