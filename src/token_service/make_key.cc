// See make_key.h.
#include "token_service/make_key.h"

#include <utility>

#include "jose/key.h"

namespace sallyport::token_service {

std::expected<store::SigningKey, std::string> make_key(jose::Algorithm algorithm) {
  auto pair = jose::Key::generate(algorithm, "");
  if (!pair) return std::unexpected(std::move(pair.error()));
  auto pem = pair->to_private_pem();
  if (!pem) return std::unexpected(std::move(pem.error()));
  store::SigningKey key{.kid = pair->thumbprint(),
                        .algorithm = std::string(jose::name_of(algorithm))};
  key.private_key = store::SecretText(std::string(pem->text()));
  return key;
}

}  // namespace sallyport::token_service
