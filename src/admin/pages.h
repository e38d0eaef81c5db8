// The routes that speak of the gateway itself rather than of callers.
#pragma once

#include <functional>
#include <string>

#include "admin/admin_backend.h"
#include "admin/api/call.h"

namespace sallyport::admin::pages {

// Takes the answer, once.
using Respond = std::function<void(Reply)>;

// For the audit trail; empty: whoever reaches a listener that asks for no token.
[[nodiscard]] std::string actor_of(const Call& call);
[[nodiscard]] Reply refused(const ReloadResult& result);

void health(const Call& call, AdminBackend& backend, const Respond& done);
void ready(const Call& call, AdminBackend& backend, const Respond& done);
void metrics(const Call& call, AdminBackend& backend, const Respond& done);
void openapi(const Call& call, AdminBackend& backend, const Respond& done);
void configuration(const Call& call, AdminBackend& backend, const Respond& done);
void reload(const Call& call, AdminBackend& backend, const Respond& done);
void trail(const Call& call, AdminBackend& backend, const Respond& done);
void explain(const Call& call, AdminBackend& backend, const Respond& done);
void whoami(const Call& call, AdminBackend& backend, const Respond& done);

}  // namespace sallyport::admin::pages
