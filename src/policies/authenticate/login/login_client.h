// The gateway as a client of an OpenID Provider: what it asks there, and what it believes. Private
// to this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "async/task.h"
#include "issuers/key_source.h"
#include "jose/token.h"
#include "policies/authenticate/login/login_cookies.h"
#include "policies/authenticate/login/login_session.h"
#include "policies/authenticate/login/logout_token.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/login/token_endpoint.h"
#include "policies/authenticate/token/verify_token.h"

namespace sallyport::policies::authenticate_detail {

// Immutable, any thread. It has to outlive its tasks, and so do their arguments.
class LoginClient {
 public:
  // Null: a file cannot be read, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const LoginClient> make(
      const schema::Marked<OidcLoginSettings>& settings, schema::Context& context);

  // Null: it could not be fetched, or lacks what a login takes.
  [[nodiscard]] Task<std::shared_ptr<const Provider>> provider() const;

  // Where a browser is sent to log in.
  [[nodiscard]] std::string authorization_url(const Provider& provider,
                                              const BegunLogin& login) const;
  // Where it is sent to log out (OpenID Connect RP-Initiated Logout); empty: there is no such
  // place.
  [[nodiscard]] std::string logout_url(const Provider& provider, const LoginSession& session,
                                       const std::string& origin) const;

  using NewSession = std::variant<LoginSession, Refused, Unavailable>;
  // For the query that a browser has come back with.
  [[nodiscard]] Task<NewSession> logged_in(Exchange& x, const BegunLogin& login,
                                           std::string_view query) const;
  // With its refresh token. Refused: it is over.
  [[nodiscard]] Task<NewSession> renewed(Exchange& x, const LoginSession& old) const;

  [[nodiscard]] const LogoutTokens& logout_tokens() const { return logout_tokens_; }

 private:
  LoginClient(const OidcLoginSettings& settings, std::unique_ptr<const Service> service);
  // Empty: the token is the gateway's own. Otherwise what is wrong with it.
  [[nodiscard]] std::string fault_of(const jose::Token& token, const Tokens& tokens) const;
  // The ID token, whose why for a refusal says that it is about that.
  [[nodiscard]] Task<Verification> verified(const Tokens& tokens) const;
  void put(const Tokens& tokens, const jose::Token* id_token, LoginSession& session) const;

  const std::string issuer_, client_id_, callback_, after_logout_;
  const std::int64_t lifetime_;  // milliseconds
  const std::shared_ptr<KeySource> source_;
  const TokenEndpoint tokens_;
  const jose::Expectations id_token_;
  const LogoutTokens logout_tokens_;
};

}  // namespace sallyport::policies::authenticate_detail
