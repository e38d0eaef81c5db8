// Credentials as requests carry them. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "policies/authenticate/settings.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Where one kind of credential is looked for. Immutable.
class CredentialPlace {
 public:
  explicit CredentialPlace(const Place& place);
  enum class Kind : std::uint8_t { header, query, cookie };
  // `scheme`, of a header: what stands in front ("Basic "); empty: the whole value counts.
  CredentialPlace(Kind kind, std::string name, std::string scheme = {});

  struct Found {
    std::string_view text;   // empty: there is none
    bool ambiguous = false;  // it stands there twice: which one counts is anybody's guess
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
  const std::string scheme_;
};

}  // namespace sallyport::policies::authenticate_detail
