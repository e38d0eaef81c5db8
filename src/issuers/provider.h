// What an OpenID Provider says about itself (OpenID Connect Discovery 1.0 section 3, RFC 8414).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace sallyport {

// Endpoints are such as may be asked, and hold nothing that a header could not; empty: there is
// none.
struct Provider {
  std::string jwks_uri;  // never empty
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string end_session_endpoint;
  bool names_itself = false;  // in what it sends browsers back with (RFC 9207)
  bool takes_basic = true;    // client_secret_basic at the token endpoint
};

// The error is a sentence for operators.
[[nodiscard]] std::expected<Provider, std::string> read_provider(std::string_view document,
                                                                 const std::string& issuer);

}  // namespace sallyport
