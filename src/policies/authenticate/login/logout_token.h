// Tokens by which an OpenID Provider ends sessions (OpenID Connect Back-Channel Logout). Private to
// this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "async/task.h"
#include "issuers/key_source.h"
#include "jose/token.h"
#include "policies/authenticate/login/session_revocations.h"
#include "policies/authenticate/proof/method.h"

namespace sallyport::policies::authenticate_detail {

// What a logout token ends. The token counts once, from the moment it was read, so that of two that
// come at the same time one counts; but unless done() is called it is forgotten in the end, and the
// provider may try again with it.
class EndedSessions {
 public:
  EndedSessions(SessionRevocations::Revoked revoked, std::string issuer, std::string id)
      : revoked_(std::move(revoked)), issuer_(std::move(issuer)), id_(std::move(id)) {}
  EndedSessions(EndedSessions&& other) noexcept
      : revoked_(std::move(other.revoked_)),
        issuer_(std::move(other.issuer_)),
        id_(std::exchange(other.id_, {})) {}
  EndedSessions& operator=(EndedSessions&&) = delete;
  ~EndedSessions();

  [[nodiscard]] const SessionRevocations::Revoked& revoked() const { return revoked_; }
  // They are ended, for good.
  void done() { id_.clear(); }

 private:
  SessionRevocations::Revoked revoked_;
  std::string issuer_;
  std::string id_;  // empty: there is nothing to forget
};

// Immutable, any thread. Has to outlive its tasks, and so do their arguments.
class LogoutTokens {
 public:
  // `like`: what ID tokens of the client are expected to be. `lifetime`: of sessions, milliseconds.
  LogoutTokens(const jose::Expectations& like, std::string issuer, std::string client_id,
               std::int64_t lifetime, std::shared_ptr<KeySource> source);

  using Ended = std::variant<EndedSessions, Refused, Unavailable>;
  // What it ends (section 2.4 to 2.6).
  [[nodiscard]] Task<Ended> read(const Exchange& x, std::string_view token) const;

 private:
  const std::string issuer_, client_id_;
  const std::int64_t lifetime_;
  const std::shared_ptr<KeySource> source_;
  jose::Expectations expected_;
};

}  // namespace sallyport::policies::authenticate_detail
