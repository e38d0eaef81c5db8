// What each route of the API on callers and administrators does. See call.h for how.
#pragma once

#include "admin/api/call.h"

namespace sallyport::admin {

using Prepared = std::expected<Step, Reply>;

[[nodiscard]] Prepared list_consumers(const Call& call);
[[nodiscard]] Prepared create_consumer(const Call& call);
[[nodiscard]] Prepared import_consumers(const Call& call);
[[nodiscard]] Prepared get_consumer(const Call& call);
[[nodiscard]] Prepared change_consumer(const Call& call);
[[nodiscard]] Prepared remove_consumer(const Call& call);

[[nodiscard]] Prepared list_keys(const Call& call);
[[nodiscard]] Prepared issue_key(const Call& call);
[[nodiscard]] Prepared get_key(const Call& call);
[[nodiscard]] Prepared change_key(const Call& call);
[[nodiscard]] Prepared rotate_key(const Call& call);
[[nodiscard]] Prepared revoke_key(const Call& call);
[[nodiscard]] Prepared remove_key(const Call& call);

[[nodiscard]] Prepared list_clients(const Call& call);
[[nodiscard]] Prepared create_client(const Call& call);
[[nodiscard]] Prepared get_client(const Call& call);
[[nodiscard]] Prepared change_client(const Call& call);
[[nodiscard]] Prepared issue_client_secret(const Call& call);
[[nodiscard]] Prepared remove_client(const Call& call);

[[nodiscard]] Prepared list_signing_keys(const Call& call);
[[nodiscard]] Prepared rotate_signing_keys(const Call& call);
[[nodiscard]] Prepared retire_signing_key(const Call& call);
[[nodiscard]] Prepared remove_signing_key(const Call& call);

[[nodiscard]] Prepared list_revocations(const Call& call);
[[nodiscard]] Prepared revoke_tokens(const Call& call);
[[nodiscard]] Prepared remove_revocation(const Call& call);

[[nodiscard]] Prepared list_admin_tokens(const Call& call);
[[nodiscard]] Prepared create_admin_token(const Call& call);
[[nodiscard]] Prepared get_admin_token(const Call& call);
[[nodiscard]] Prepared revoke_admin_token(const Call& call);

}  // namespace sallyport::admin
