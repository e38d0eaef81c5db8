#include "policies/authenticate/login/login_sessions.h"

#include <utility>

#include "base/clock.h"
#include "policies/authenticate/login/session_revocations.h"

namespace sallyport::policies::authenticate_detail {

LoginSessions::LoginSessions(const OidcLoginSettings& settings, std::optional<store::KeyRing> keys,
                             std::string purpose)
    : lifetime_(settings.cookie.lifetime.count()),
      idle_(settings.cookie.idle.count()),
      leeway_(settings.leeway.count()),
      client_(settings.client_id),
      cookies_(settings.cookie, std::move(keys), std::move(purpose)),
      claims_(settings.claims) {}

Opened LoginSessions::open(const Exchange& x, const LoginCookies::Found& found) const {
  Opened known = cache_.find(found.sealed, [](const OpenSession& /*session*/) { return true; });
  if (known != nullptr) return known;
  const store::SecretText text = cookies_.open_session(x, found.sealed);
  if (text.view().empty()) return nullptr;
  known = OpenSession::read(text.view(), claims_, client_);
  if (known != nullptr) cache_.put(found.sealed, known);
  return known;
}

Opened LoginSessions::open(const LoginSession& session) const {
  return OpenSession::of(session, claims_, client_);
}

std::string LoginSessions::fault_of(const Exchange& x, const OpenSession& open,
                                    std::int64_t now) const {
  const LoginSession& session = open.session();
  if (now - session.started >= lifetime_) return "the session has come to the end of its lifetime";
  if (now - session.seen >= idle_) return "the session was not used for too long";
  if (session.started - now > leeway_) return "the session begins later: a clock is wrong";
  if (SessionRevocations::of_process().is_revoked(x, open, now)) return "the session was ended";
  return {};
}

std::optional<std::vector<std::string>> LoginSessions::kept(const Exchange& x, LoginSession session,
                                                            std::size_t pieces) const {
  session.seen = wall_milliseconds();
  return cookies_.session(x, session.text().view(), pieces);
}

}  // namespace sallyport::policies::authenticate_detail
