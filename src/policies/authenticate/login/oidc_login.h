// People with browsers: they log in at an OpenID Provider (authorization code flow with PKCE,
// OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 9700) and come back with a session in a cookie
// that only the gateway can read. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/proof/token_settings.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

namespace login_reasons {

inline constexpr Reason kLogin{"authenticate.login", 302, "The browser is sent to log in."};
inline constexpr Reason kLoggedIn{"authenticate.logged_in", 303, "The browser has logged in."};
inline constexpr Reason kFailed{"authenticate.login_failed", 400,
                                "The login could not be completed. Please try again."};
inline constexpr Reason kLogout{"authenticate.logout", 303, "The browser is sent to log out."};
inline constexpr Reason kLoggedOut{"authenticate.logged_out", 200, "You are logged out."};
inline constexpr Reason kSessionsEnded{"authenticate.sessions_ended", 200,
                                       "The provider has ended sessions."};
inline constexpr Reason kLogoutToken{"authenticate.logout_token", 400,
                                     "The logout token is not valid."};

}  // namespace login_reasons

// Whether a browser sends the session's cookie along when a page elsewhere leads to the API.
enum class SameSite : std::uint8_t { lax, strict };

struct LoginCookieSettings {
  std::string name = "sallyport";
  std::vector<schema::Secret> secret;  // the first seals, all open
  schema::Duration lifetime = std::chrono::hours(8);
  schema::Duration idle = std::chrono::hours(1);
  SameSite same_site = SameSite::lax;

  static schema::Fields<LoginCookieSettings> fields();
};

struct OidcLoginSettings {
  std::string issuer;
  std::string client_id;
  std::optional<schema::Secret> client_secret;
  std::vector<std::string> scopes{"openid", "profile"};
  std::optional<std::string> prompt;
  std::string callback = "/.sallyport/callback";
  std::string logout = "/.sallyport/logout";
  std::optional<std::string> after_logout;
  std::optional<std::string> backchannel_logout;
  std::vector<std::string> trusted_origins;
  LoginCookieSettings cookie;
  ClaimNames claims;
  schema::Duration leeway = std::chrono::seconds(30);
  schema::Duration timeout = std::chrono::seconds(5);
  std::optional<schema::FilePath> ca;

  static schema::Fields<OidcLoginSettings> fields();
};

// Null: there is no key for its cookies, or a file cannot be read, and the context heard why.
[[nodiscard]] std::unique_ptr<const Method> make_oidc_login(
    const schema::Marked<OidcLoginSettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
