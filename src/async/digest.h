// A fingerprint of bytes, to tell two contents apart. Not for passwords.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::async {

// SHA-256, 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);
// The same as 32 bytes.
[[nodiscard]] std::string sha256_bytes(std::string_view bytes);

}  // namespace sallyport::async
