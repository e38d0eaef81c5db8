// One way to prove who is calling. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/exchange.h"
#include "policy/policy.h"

namespace sallyport::policies::authenticate_detail {

// The request carries no credential of this kind.
struct Absent {};
// It carries one that proves nothing; `why` is for operators and holds nothing of the credential.
struct Refused {
  std::string why;
  // For the client, static: an error code in place of the challenge's own, and the scheme that was
  // used, where a method has several.
  std::string_view error = {};
  std::string_view scheme = {};
  bool answers = false;            // the client gets the method's own answer, see Method::answer()
  const Reason* reason = nullptr;  // in place of authenticate.invalid; static
};
// Nothing could be found out, as what that takes is not there.
struct Unavailable {
  std::string why;
};
// The request is the method's own affair; the answer is the method's to complete.
struct Answered {
  const Reason* reason;  // static
  std::string why = {};
};
using Attempt = std::variant<Absent, Refused, Unavailable, Identity, Answered>;

// What a client without a credential of this kind is told (RFC 9110 section 11.6.1). The realm is
// the policy's.
struct Challenge {
  std::string scheme;           // "Bearer"
  std::string parameters = {};  // `algs="ES256"`
  std::string_view error = {};  // static; of a credential that was refused: "invalid_token"
  bool realm_is_required = false;
};

class CredentialPlace;

// What a method for people with browsers does besides: it has pages of its own, and sends browsers
// elsewhere. Shared by threads.
class BrowserMethod {
 public:
  virtual ~BrowserMethod() = default;
  // Paths that it serves itself, at the hosts of the API.
  [[nodiscard]] virtual std::vector<OwnPath> own_paths() const = 0;
  // Whether the request is for one of them, and the answer to it.
  [[nodiscard]] virtual bool serves(const Exchange& x) const = 0;
  [[nodiscard]] virtual Task<Attempt> serve(Exchange& x) const = 0;
  // For a request that nothing was proven of: sends a browser to where it can be (Answered).
  [[nodiscard]] virtual Task<Attempt> invite(Exchange& x) const = 0;
};

// Shared by threads.
class Method {
 public:
  virtual ~Method() = default;
  [[nodiscard]] virtual Task<Attempt> prove(Exchange& x) const = 0;
  // Takes the credential that it would read out of the request, good or not, unless it is to be
  // forwarded. Called of every method once the caller is known: until then another may need what
  // this one reads, and afterwards nobody does.
  virtual void remove_credential(Exchange& /*x*/) const {}
  // Where that credential stands, and whether it is forwarded: what the method that proved the
  // caller forwards, another that reads the same place leaves there. Null: a place of its own.
  [[nodiscard]] virtual const CredentialPlace* place() const { return nullptr; }
  [[nodiscard]] virtual bool forwards() const { return false; }
  // Adds what it tells the upstream. Only called of what has proven the caller, after all
  // credentials are gone.
  virtual void tell_upstream(Exchange& /*x*/) const {}
  // Makes the answer to a request that it refused with `answers` its own.
  virtual void answer(Exchange& /*x*/) const {}
  // Null: it is not one for browsers.
  [[nodiscard]] virtual const BrowserMethod* browser() const { return nullptr; }
  // Whether it has something to add to answers, whoever gives them; and does. Asked once.
  [[nodiscard]] virtual bool completes() const { return false; }
  virtual void complete(Exchange& /*x*/) const {}
  // Asked once. None: HTTP has no scheme for it.
  [[nodiscard]] virtual std::vector<Challenge> challenges() const { return {}; }
  // Those that sign tokens for it; for the metadata of the protected resource (RFC 9728).
  [[nodiscard]] virtual std::vector<std::string> issuers() const { return {}; }
};

}  // namespace sallyport::policies::authenticate_detail
