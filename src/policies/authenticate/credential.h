// Credentials as requests carry them. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policies/authenticate/token_settings.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Where one kind of credential is looked for. Immutable.
class CredentialPlace {
 public:
  // `schemes`: static; what may stand in front of it in a header.
  explicit CredentialPlace(const Place& place, std::vector<std::string_view> schemes = {"Bearer"});

  struct Found {
    std::string_view text;    // empty: there is none
    std::string_view scheme;  // one of those asked for; empty: it is a cookie
    bool ambiguous = false;   // it stands there twice: which one counts is anybody's guess
  };
  // A view into the request.
  [[nodiscard]] Found find(const Exchange& x) const;
  // Takes it out, so that the upstream does not get it.
  void remove(Exchange& x) const;

 private:
  [[nodiscard]] Found in_header(const Exchange& x) const;
  [[nodiscard]] Found in_cookies(const Exchange& x) const;

  const std::string header_;  // empty: it is a cookie
  const std::string cookie_;
  const std::vector<std::string_view> schemes_;
};

}  // namespace sallyport::policies::authenticate_detail
