// Credentials as requests carry them. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policies/authenticate/proof/token_settings.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Where one kind of credential is looked for. Immutable.
class CredentialPlace {
 public:
  // `schemes`: static; what may stand in front of it in a header.
  explicit CredentialPlace(const Place& place, std::vector<std::string_view> schemes = {"Bearer"});
  enum class Kind : std::uint8_t { header, query, cookie };
  // Without schemes the whole value of a header counts.
  CredentialPlace(Kind kind, std::string name, std::vector<std::string_view> schemes = {});

  struct Found {
    std::string_view text;    // empty: there is none
    std::string_view scheme;  // of a header, one of those asked for
    bool ambiguous = false;   // it stands there twice: which one counts is anybody's guess
  };
  // A view into the request.
  [[nodiscard]] Found find(const Exchange& x) const;
  // Takes it out, so that neither the upstream nor a log gets it.
  void remove(Exchange& x) const;

 private:
  [[nodiscard]] Found in_header(const Exchange& x) const;
  [[nodiscard]] Found in_query(const Exchange& x) const;
  [[nodiscard]] Found in_cookies(const Exchange& x) const;
  void remove_from_query(Exchange& x) const;
  void remove_from_cookies(Exchange& x) const;

  const Kind kind_;
  const std::string name_;
  const std::vector<std::string_view> schemes_;
};

}  // namespace sallyport::policies::authenticate_detail
