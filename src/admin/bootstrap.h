// The first token of the admin API.
#pragma once

#include <optional>

#include "store/audit/audit_trail.h"
#include "store/store.h"

namespace sallyport::admin {

// Makes a token with the role admin if there is none that is good: at the first start, or after the
// last one has ended. Waits for the store and the trail.
[[nodiscard]] store::Outcome<std::optional<store::IssuedAdminToken>> bootstrap(
    store::Store& store, store::AuditTrail& trail);

}  // namespace sallyport::admin
