#include "cli/waf/base64.h"

#include <cstdint>

namespace sallyport::cli::waf {

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int digits = 0;   // of the group so far, padding included
  int padding = 0;  // of the last group
  for (char c : text) {
    if (c == '\n' || c == '\r') continue;
    std::size_t digit = kAlphabet.find(c);
    if (c == '=' && digits >= 2) {
      ++padding;
      digit = 0;
    } else if (digit == std::string_view::npos || padding > 0) {
      return std::nullopt;
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    if (++digits < 4) continue;
    for (int i = 0; i < 3 - padding; ++i) out += static_cast<char>(bits >> (16 - 8 * i));
    bits = 0;
    digits = 0;
  }
  if (digits != 0) return std::nullopt;
  return out;
}

}  // namespace sallyport::cli::waf
