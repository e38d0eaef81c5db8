// The two forms of an ECDSA signature: JOSE's r and s side by side (RFC 7518 section 3.4), and the
// DER that OpenSSL takes and gives.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::jose {

// Of the largest curve, P-521.
inline constexpr std::size_t kMostCoordinateBytes = 66;

struct DerSignature {
  std::array<unsigned char, 3 + 2 * (3 + kMostCoordinateBytes)> bytes;
  std::size_t size = 0;
};

// `joined` is r and s, of `coordinate` bytes each; nothing when it has another size.
[[nodiscard]] std::optional<DerSignature> to_der(std::string_view joined, std::size_t coordinate);

// Nothing when `der` is no signature whose numbers fit.
[[nodiscard]] std::optional<std::string> from_der(std::string_view der, std::size_t coordinate);

}  // namespace sallyport::jose
