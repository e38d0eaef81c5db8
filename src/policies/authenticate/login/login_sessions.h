// The sessions that requests bring: opened, judged, and written into cookies again. Private to this
// folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/login/login_cookies.h"
#include "policies/authenticate/login/login_session.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policy/keyed_cache.h"

namespace sallyport::policies::authenticate_detail {

using Opened = std::shared_ptr<const OpenSession>;

// Any thread; remembers what it opened.
class LoginSessions {
 public:
  LoginSessions(const OidcLoginSettings& settings, std::optional<store::KeyRing> keys,
                std::string purpose);

  [[nodiscard]] const LoginCookies& cookies() const { return cookies_; }

  // Null: it is none of ours.
  [[nodiscard]] Opened open(const Exchange& x, const LoginCookies::Found& found) const;
  // Null: its ID token cannot be read.
  [[nodiscard]] Opened open(const LoginSession& session) const;

  // Why it is over; empty: it is not.
  [[nodiscard]] std::string fault_of(const Exchange& x, const OpenSession& open,
                                     std::int64_t now) const;

  // What the browser is to keep. Nothing: it does not fit into cookies.
  [[nodiscard]] std::optional<std::vector<std::string>> kept(const Exchange& x,
                                                             LoginSession session,
                                                             std::size_t pieces) const;

 private:
  const std::int64_t lifetime_, idle_, leeway_;  // milliseconds
  const std::string client_;
  const LoginCookies cookies_;
  const ClaimMap claims_;
  mutable KeyedCache<OpenSession> cache_;
};

}  // namespace sallyport::policies::authenticate_detail
