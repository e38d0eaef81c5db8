// One way to prove who is calling. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// The request carries no credential of this kind.
struct Absent {};
// It carries one that proves nothing; `why` is for operators and holds nothing of the credential.
struct Refused {
  std::string why;
};
// Nothing could be found out, as what that takes is not there.
struct Unavailable {
  std::string why;
};
using Attempt = std::variant<Absent, Refused, Unavailable, Identity>;

// Shared by threads. What it proves it takes out of the request, unless it is to be forwarded.
class Method {
 public:
  virtual ~Method() = default;
  [[nodiscard]] virtual Task<Attempt> prove(Exchange& x) const = 0;
};

}  // namespace sallyport::policies::authenticate_detail
