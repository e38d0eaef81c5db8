// What a refused client is told it could bring (RFC 9110 section 11.6.1). Private to this folder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/requirement.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Immutable, shared by threads.
class Challenges {
 public:
  // `realm` and `metadata_url` (RFC 9728 section 5.1) may be empty.
  Challenges(std::span<const Method* const> methods, std::string realm, std::string metadata_url);

  // One WWW-Authenticate for each scheme that a method knows; a method that refused what the client
  // brought says so in its own.
  void add_to(Exchange& x, const Trial& trial) const;
  // Gives challenges for a token, whichever policy put them into the response, what this one knows.
  void complete(Exchange& x) const;

 private:
  struct Known {
    const Method* method;
    Challenge challenge;
  };
  std::vector<Known> known_;
  std::string for_tokens_;  // parameters; each follows the comma before it
};

}  // namespace sallyport::policies::authenticate_detail
