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

// Shared by threads.
class Method {
 public:
  virtual ~Method() = default;
  [[nodiscard]] virtual Task<Attempt> prove(Exchange& x) const = 0;
  // Takes what it has proven something with out of the request, unless it is to be forwarded. Only
  // called once the caller is known: until then another method may need what this one read.
  virtual void remove_credential(Exchange& /*x*/) const {}
  // Makes the answer to a request that it refused with `answers` its own.
  virtual void answer(Exchange& /*x*/) const {}
  // Paths that it serves itself, at the hosts of the API. Only of a method that has any, as one for
  // browsers, the following are asked; and its remove_credential() whoever was proven by whatever.
  [[nodiscard]] virtual std::vector<OwnPath> own_paths() const { return {}; }
  [[nodiscard]] virtual bool serves(const Exchange& /*x*/) const { return false; }
  [[nodiscard]] virtual Task<Attempt> serve(Exchange& /*x*/) const { return Attempt(Absent{}); }
  // For a request that nothing was proven of: sends a browser to where it can be (Answered).
  [[nodiscard]] virtual Task<Attempt> invite(Exchange& /*x*/) const { return Attempt(Absent{}); }
  // Whether it has something to add to answers, whoever gives them; and does. Asked once.
  [[nodiscard]] virtual bool completes() const { return false; }
  virtual void complete(Exchange& /*x*/) const {}
  // Asked once. None: HTTP has no scheme for it.
  [[nodiscard]] virtual std::vector<Challenge> challenges() const { return {}; }
  // Those that sign tokens for it; for the metadata of the protected resource (RFC 9728).
  [[nodiscard]] virtual std::vector<std::string> issuers() const { return {}; }
};

}  // namespace sallyport::policies::authenticate_detail
