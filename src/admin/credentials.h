// What each kind of credential proves, without a limit or a record.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "admin/api/call.h"
#include "async/peer_certificate.h"
#include "config/admin_people.h"
#include "store/view/caller_directory.h"

namespace sallyport::admin {

// Why a credential proves nothing, or not enough.
struct NotProven {
  std::string_view reason;    // for the audit trail: "expired"; static
  std::string object;         // what was presented, without anything secret
  std::string sentence = {};  // for operators
  // The credential is good, but nothing gives its holder a role.
  bool no_role = false;
  bool unavailable = false;  // nothing could be found out
};
using Proven = std::expected<Actor, NotProven>;

// An admin token of the store; `tokens` null: there are none.
[[nodiscard]] Proven prove_by_token(std::string_view presented,
                                    const store::CallerDirectory* tokens);
[[nodiscard]] Proven prove_by_certificate(const async::PeerCertificate& certificate,
                                          const KnownCertificates& known);
// `verified`: what KeySource says of a token of the provider.
[[nodiscard]] Proven prove_by_oidc(const std::expected<VerifiedToken, UnverifiedToken>& verified,
                                   const config::OidcPeople& people);

}  // namespace sallyport::admin
