// Asks the token endpoint of an OpenID Provider (RFC 6749 section 4.1.3 and 6). Private to this
// folder.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "async/task.h"
#include "issuers/provider.h"
#include "policy/exchange.h"
#include "policy/service.h"

namespace sallyport::policies::authenticate_detail {

// Wiped in the end.
struct Tokens {
  Tokens() = default;
  Tokens(Tokens&&) = default;
  Tokens& operator=(Tokens&&) = default;
  ~Tokens();

  std::string id_token;  // the rest may be empty
  std::string access_token;
  std::string refresh_token;
  std::string scope;
  std::int64_t expires_in = 0;  // seconds; 0: it does not say
};

struct NoTokens {
  bool refused = false;  // what was brought is not good (invalid_grant); else nobody knows
  std::string why;       // a sentence for operators
};

// Immutable, any thread.
class TokenEndpoint {
 public:
  // `secret` empty: a public client.
  TokenEndpoint(std::unique_ptr<const Service> service, std::string client_id, std::string secret);
  TokenEndpoint(const TokenEndpoint&) = delete;
  TokenEndpoint& operator=(const TokenEndpoint&) = delete;
  ~TokenEndpoint();

  // `form`: the parameters of the grant, encoded.
  [[nodiscard]] Task<std::expected<Tokens, NoTokens>> ask(Exchange& x, const Provider& provider,
                                                          std::string form) const;

 private:
  const std::unique_ptr<const Service> service_;
  const std::string client_id_;
  std::string secret_;
};

}  // namespace sallyport::policies::authenticate_detail
