// One way to prove who is calling. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/exchange.h"

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
};
// Nothing could be found out, as what that takes is not there.
struct Unavailable {
  std::string why;
};
using Attempt = std::variant<Absent, Refused, Unavailable, Identity>;

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
  // Asked once. None: HTTP has no scheme for it.
  [[nodiscard]] virtual std::vector<Challenge> challenges() const { return {}; }
  // Those that sign tokens for it; for the metadata of the protected resource (RFC 9728).
  [[nodiscard]] virtual std::vector<std::string> issuers() const { return {}; }
};

}  // namespace sallyport::policies::authenticate_detail
