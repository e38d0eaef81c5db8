// The pages that oidc_login serves itself: where browsers come back from the provider, where they
// log out, and where the provider says who else has. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "policies/authenticate/login/login_client.h"
#include "policies/authenticate/login/login_sessions.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/proof/method.h"

namespace sallyport::policies::authenticate_detail {

// What sets the keys of its cookies, and its pages, apart from those of other clients.
[[nodiscard]] std::string login_purpose(const OidcLoginSettings& settings);

// Immutable, any thread. What its answers add is in the slot of `settings`: a LoginReply.
class LoginPages {
 public:
  // All of them have to outlive it.
  LoginPages(const OidcLoginSettings& settings, const LoginClient& client,
             const LoginSessions& sessions)
      : settings_(settings), client_(client), sessions_(sessions) {}

  // As of BrowserMethod.
  [[nodiscard]] std::vector<OwnPath> own_paths() const;
  [[nodiscard]] bool serves(const Exchange& x) const;
  [[nodiscard]] Task<Attempt> serve(Exchange& x) const;

 private:
  [[nodiscard]] Task<Attempt> callback(Exchange& x) const;
  [[nodiscard]] Task<Attempt> logout(Exchange& x) const;
  [[nodiscard]] Task<Attempt> backchannel_logout(Exchange& x) const;

  const OidcLoginSettings& settings_;
  const LoginClient& client_;
  const LoginSessions& sessions_;
};

}  // namespace sallyport::policies::authenticate_detail
