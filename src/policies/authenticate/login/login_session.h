// What the cookie of someone who has logged in holds. Private to this folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"
#include "policies/authenticate/login/login_terms.h"
#include "policies/authenticate/proof/claimed.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::policies::authenticate_detail {

// Random bytes as base64url. For secrets and keys.
[[nodiscard]] std::string random_text(std::size_t bytes);

// By what sessions are ended together: hashes, so that nothing is told by them and every provider's
// words fit where they are kept.
struct SessionNames {
  std::string session, sid, subject;  // the last two empty: it has none

  // Of a provider's `sid` and `sub` at one client.
  [[nodiscard]] static std::string of(std::string_view kind, std::string_view issuer,
                                      std::string_view client, std::string_view value);
};

// Times are Unix milliseconds. Immutable once it is shared.
struct LoginSession {
  std::string id;            // random, another at every login
  std::int64_t started = 0;  // when he logged in
  std::int64_t seen = 0;     // when the cookie was last written
  std::int64_t renew = 0;    // when its tokens are to be refreshed
  std::int64_t expires = 0;  // when its tokens expire
  std::uint32_t renewals = 0;
  std::string id_token;       // was verified
  std::string refresh_token;  // empty: there is none; wiped
  std::string scope;          // that was granted
  LoginTerms asked;           // at the login

  LoginSession() = default;
  LoginSession(const LoginSession&) = default;
  LoginSession& operator=(const LoginSession&) = default;
  ~LoginSession();

  // For the cookie.
  [[nodiscard]] store::SecretText text() const;
};

// A session as requests need it: what its claims come to, and its names. The identity points into
// the rest.
class OpenSession {
 public:
  // Null: the text is none of LoginSession::text(). For texts that were sealed.
  [[nodiscard]] static std::shared_ptr<const OpenSession> read(std::string_view text,
                                                               const ClaimMap& claims,
                                                               const std::string& client);
  // Null: its ID token cannot be read.
  [[nodiscard]] static std::shared_ptr<const OpenSession> of(LoginSession session,
                                                             const ClaimMap& claims,
                                                             const std::string& client);

  [[nodiscard]] const LoginSession& session() const { return session_; }
  [[nodiscard]] const Identity& identity() const { return claimed_.identity; }
  [[nodiscard]] const SessionNames& names() const { return names_; }
  [[nodiscard]] json::Value claims() const { return claims_.root(); }

 private:
  OpenSession(LoginSession session, json::Document claims)
      : session_(std::move(session)), claims_(std::move(claims)) {}

  LoginSession session_;
  json::Document claims_;
  Claimed claimed_;
  SessionNames names_;
};

}  // namespace sallyport::policies::authenticate_detail
