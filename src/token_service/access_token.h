// What an access token says (RFC 9068 section 2.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::token_service {

inline constexpr std::string_view kTokenType = "at+jwt";

// Views of the caller's; times are seconds of the epoch.
struct AccessToken {
  std::string_view issuer, audience, client, scope;
  std::int64_t issued = 0;
  std::int64_t expires = 0;
  std::string id;  // `jti`
};

// 128 random bits.
[[nodiscard]] std::string random_token_id();

// As the JSON that is signed. The subject is the client: it asks for nobody else.
[[nodiscard]] std::string claims_of(const AccessToken& token);

}  // namespace sallyport::token_service
