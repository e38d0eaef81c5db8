// A new key to sign tokens with.
#pragma once

#include <expected>
#include <string>

#include "jose/algorithm.h"
#include "store/records/records.h"

namespace sallyport::token_service {

// Named after its public part (RFC 7638); when it signs is for the caller to say. RSA takes tenths
// of a second, so never on a worker. The error is a sentence.
[[nodiscard]] std::expected<store::SigningKey, std::string> make_key(jose::Algorithm algorithm);

}  // namespace sallyport::token_service
