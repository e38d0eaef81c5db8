// The cookies of oidc_login: sessions, in pieces where one cookie would be too large, and logins
// that have begun. Only the gateway can read or make them (AES-256-GCM). Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/login/cookie_keys.h"
#include "policies/authenticate/login/login_terms.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policy/exchange.h"
#include "store/sealing/key_ring.h"

namespace sallyport::policies::authenticate_detail {

// A login that has begun: what its callback has to fit. Everything that is random in it hangs from
// one secret. Times are Unix milliseconds.
struct BegunLogin {
  static constexpr std::int64_t kLifetime = std::int64_t{10} * 60 * 1000;

  std::string secret;
  std::string origin;     // of the gateway, as the browser knows it
  std::string return_to;  // path and query
  LoginTerms terms;
  std::int64_t started = 0;

  [[nodiscard]] std::string state() const { return derived("state"); }
  [[nodiscard]] std::string nonce() const { return derived("nonce"); }
  [[nodiscard]] std::string verifier() const { return derived("verifier"); }  // RFC 7636
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<BegunLogin> read(std::string_view text);

 private:
  [[nodiscard]] std::string derived(std::string_view what) const;
};

// Immutable, any thread. What is to be sent to the browser is the value of Set-Cookie.
class LoginCookies {
 public:
  static constexpr std::size_t kPiece = 3000;    // bytes of a value; browsers take 4096 in all
  static constexpr std::size_t kMostPieces = 2;  // with all else they must fit one header line
  static constexpr std::size_t kMostLogins = 4;  // that one browser has begun

  // `purpose` sets their keys apart from those of other clients.
  LoginCookies(const LoginCookieSettings& settings, std::optional<store::KeyRing> keys,
               std::string purpose);

  // Of the session; all others' names go on with a dot.
  [[nodiscard]] static std::string name_of(const LoginCookieSettings& settings) {
    return "__Host-" + settings.name;
  }
  // Whether it is one of these, good or not.
  [[nodiscard]] bool is_ours(std::string_view name) const;

  struct Found {
    std::string_view sealed;  // in the request or its arena; empty: there is no session
    std::size_t pieces = 0;
    bool malformed = false;  // pieces are missing, or one comes twice
  };
  [[nodiscard]] Found find_session(Exchange& x) const;
  // Empty: it is not a session that was sealed with a key of ours.
  [[nodiscard]] store::SecretText open_session(const Exchange& x, std::string_view sealed) const;
  // Nothing: there is no key, or it does not fit into cookies. `pieces`: the browser's so far.
  [[nodiscard]] std::optional<std::vector<std::string>> session(const Exchange& x,
                                                                std::string_view text,
                                                                std::size_t pieces) const;
  [[nodiscard]] std::vector<std::string> no_session(std::size_t pieces) const;

  // Empty: there is no key. And takes logins away that nobody is going to finish.
  [[nodiscard]] std::vector<std::string> login(const Exchange& x, const BegunLogin& login) const;
  // Nothing: the browser has not begun it, or too long ago.
  [[nodiscard]] std::optional<BegunLogin> find_login(const Exchange& x,
                                                     std::string_view state) const;
  [[nodiscard]] std::string no_login(std::string_view state) const;

  [[nodiscard]] bool has_keys(const Exchange& x) const { return keys_.of(x) != nullptr; }

 private:
  [[nodiscard]] std::string name_of_piece(std::size_t index) const;
  [[nodiscard]] std::string name_of_login(std::string_view state) const;
  [[nodiscard]] std::optional<BegunLogin> opened_login(const Exchange& x,
                                                       std::string_view sealed) const;

  const CookieKeys keys_;
  const std::string name_;
  const std::string login_prefix_;
  const std::string_view same_site_;
};

}  // namespace sallyport::policies::authenticate_detail
