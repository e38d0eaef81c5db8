// How the upstream learns who is calling: in headers as they are, or in a short-lived signed token.
// Private to this folder.
//
// A client must not be able to say it in our place: the names used here are noted in the load scope
// (policy/identity_headers.h), and the gateway takes them out of every request it reads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/authenticate/identity_token.h"
#include "policies/authenticate/upstream_identity_settings.h"
#include "policy/claim_path.h"
#include "policy/exchange.h"
#include "schema/context.h"

namespace sallyport::policies::authenticate_detail {

// Shared by threads.
class UpstreamIdentity {
 public:
  // Null: the key cannot be used, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const UpstreamIdentity> make(
      const IdentitySettings& settings, schema::Context& context);

  // Writes what `x.identity` says into the request, in place of whatever stands there. False: it
  // could not be signed.
  [[nodiscard]] bool write(Exchange& x) const;

 private:
  using List = std::span<const std::string_view> Identity::*;

  UpstreamIdentity() = default;
  void write_headers(Exchange& x) const;

  std::vector<std::pair<std::string, std::string_view Identity::*>> texts_;
  std::vector<std::pair<std::string, List>> lists_;
  std::vector<std::pair<std::string, ClaimPath>> claims_;
  std::optional<std::string> strength_;
  std::unique_ptr<const IdentityToken> token_;  // null: none is asked for
};

}  // namespace sallyport::policies::authenticate_detail
