// The records of the store as the admin API shows them, member by member.
#pragma once

#include "admin/api/members.h"
#include "store/records/records.h"

namespace sallyport::admin {

[[nodiscard]] Members<store::Consumer> consumer_members();
[[nodiscard]] Members<store::ApiKey> key_members();
[[nodiscard]] Members<store::Client> client_members();
[[nodiscard]] Members<store::Revocation> revocation_members();
[[nodiscard]] Members<store::AdminToken> admin_token_members();
// Without the private key.
[[nodiscard]] Members<store::SigningKey> signing_key_members();

// "token", "subject" and "client".
[[nodiscard]] std::optional<store::RevocationKind> revocation_kind(std::string_view name);
[[nodiscard]] std::string_view name_of(store::RevocationKind kind);

// What a request to rotate a key says.
struct Rotation {
  std::int64_t overlap_seconds = 24LL * 3600;
};
[[nodiscard]] Members<Rotation> rotation_members();

// What a request for a new signing key says.
struct KeyRotation {
  std::int64_t in_seconds = 3600;
};
[[nodiscard]] Members<KeyRotation> key_rotation_members();

}  // namespace sallyport::admin
