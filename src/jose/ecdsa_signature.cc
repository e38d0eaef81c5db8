#include "jose/ecdsa_signature.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <algorithm>

#include "async/openssl_handles.h"

namespace sallyport::jose {
namespace {

// Writes a positive INTEGER and returns the end of it.
unsigned char* put_integer(unsigned char* out, std::string_view number) {
  while (number.size() > 1 && number.front() == '\0') number.remove_prefix(1);
  // DER reads a first bit that is set as a sign.
  const bool padded = (static_cast<unsigned char>(number.front()) & 0x80) != 0;
  *out++ = 0x02;
  *out++ = static_cast<unsigned char>(number.size() + (padded ? 1 : 0));
  if (padded) *out++ = 0;
  return std::ranges::copy(number, out).out;
}

}  // namespace

std::optional<DerSignature> to_der(std::string_view joined, std::size_t coordinate) {
  if (coordinate == 0 || coordinate > kMostCoordinateBytes || joined.size() != 2 * coordinate) {
    return std::nullopt;
  }
  std::array<unsigned char, 2 * (3 + kMostCoordinateBytes)> content;
  unsigned char* end = put_integer(content.data(), joined.substr(0, coordinate));
  end = put_integer(end, joined.substr(coordinate));
  const auto size = static_cast<std::size_t>(end - content.data());
  DerSignature der;
  unsigned char* out = der.bytes.data();
  *out++ = 0x30;
  if (size >= 0x80) *out++ = 0x81;
  *out++ = static_cast<unsigned char>(size);
  out = std::copy_n(content.data(), size, out);
  der.size = static_cast<std::size_t>(out - der.bytes.data());
  return der;
}

std::optional<std::string> from_der(std::string_view der, std::size_t coordinate) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, async::FreeWith<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  std::string joined(2 * coordinate, '\0');
  auto* out = reinterpret_cast<unsigned char*>(joined.data());
  const auto size = static_cast<int>(coordinate);
  if (signature == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + size, size) != size) {
    ERR_clear_error();
    return std::nullopt;
  }
  return joined;
}

}  // namespace sallyport::jose
