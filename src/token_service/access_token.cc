// See access_token.h.
#include "token_service/access_token.h"

#include <array>

#include "base/base64url.h"
#include "base/json_writer.h"
#include "store/encoding.h"

namespace sallyport::token_service {

std::string random_token_id() {
  std::array<std::uint8_t, 16> bytes;
  store::random_bytes(bytes.data(), bytes.size());
  return base64url_encode(store::as_text(bytes.data(), bytes.size()));
}

std::string claims_of(const AccessToken& token) {
  std::string claims;
  JsonWriter json(claims);
  json.begin_object()
      .string("iss", token.issuer)
      .string("sub", token.client)
      .string("aud", token.audience)
      .string("client_id", token.client);
  if (!token.scope.empty()) json.string("scope", token.scope);
  json.number("iat", token.issued)
      .number("exp", token.expires)
      .string("jti", token.id)
      .end_object();
  return claims;
}

}  // namespace sallyport::token_service
