// The discovery document (RFC 8414), which also serves clients that only look for OpenID Connect's.
#pragma once

#include <string>

#include "token_service/settings.h"

namespace sallyport::token_service {

[[nodiscard]] std::string metadata_of(const Settings& settings, const Places& places);

}  // namespace sallyport::token_service
