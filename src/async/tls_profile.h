// What every TLS context of the gateway has in common, on both sides: protocol versions, ciphers,
// groups, and the settings that keep an idle connection small.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>

namespace sallyport::async {

enum class TlsProfile : std::uint8_t {
  modern,  // TLS 1.2 and 1.3, forward secrecy and AEAD only
  strict,  // TLS 1.3 only
};

// False: this OpenSSL does not know one of the settings.
[[nodiscard]] bool apply_profile(SSL_CTX* context, TlsProfile profile);

}  // namespace sallyport::async
