// Credentials as requests carry them. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/proof/token_settings.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Where one kind of credential is looked for. Immutable.
class CredentialPlace {
 public:
  // `schemes`: static; what may stand in front of it in a header.
  explicit CredentialPlace(const Place& place, std::vector<std::string_view> schemes = {"Bearer"});
  enum class Kind : std::uint8_t { header, query, cookie };
  // Without schemes the whole value of a header counts. `trusted`: whose pages may use a cookie,
  // beside those of the same origin.
  CredentialPlace(Kind kind, std::string name, std::vector<std::string_view> schemes = {},
                  std::vector<std::string> trusted = {});

  struct Found {
    std::string_view text;    // empty: there is none
    std::string_view scheme;  // of a header, one of those asked for
    bool ambiguous = false;   // it stands there twice: which one counts is anybody's guess
  };
  // A view into the request.
  [[nodiscard]] Found find(const Exchange& x) const;
  // Why what was found may not be used: a browser sends cookies along with what pages of other
  // sites ask for, too. Nothing: it may be used, or is in no cookie.
  [[nodiscard]] std::optional<Refused> cross_site(const Exchange& x) const;
  // Takes all that find() would look at out, so that neither the upstream nor a log gets it. What a
  // header holds in other schemes stays.
  void remove(Exchange& x) const;
  // Whether they look at the same part of a request, whatever they expect there.
  [[nodiscard]] bool operator==(const CredentialPlace& other) const;

 private:
  [[nodiscard]] Found in_header(const Exchange& x) const;
  [[nodiscard]] Found in_query(const Exchange& x) const;
  [[nodiscard]] Found in_cookies(const Exchange& x) const;
  void remove_from_header(Exchange& x) const;
  void remove_from_query(Exchange& x) const;
  void remove_from_cookies(Exchange& x) const;

  const Kind kind_;
  const std::string name_;
  const std::vector<std::string_view> schemes_;
  const std::vector<std::string> trusted_;
};

}  // namespace sallyport::policies::authenticate_detail
