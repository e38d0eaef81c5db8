// The routes that speak of the gateway itself rather than of callers.
#pragma once

#include <functional>

#include "admin/admin_backend.h"
#include "admin/api/call.h"

namespace sallyport::admin::pages {

using Done = std::function<void(Reply)>;

void health(const Call& call, AdminBackend& backend, const Done& done);
void ready(const Call& call, AdminBackend& backend, const Done& done);
void metrics(const Call& call, AdminBackend& backend, const Done& done);
void openapi(const Call& call, AdminBackend& backend, const Done& done);
void configuration(const Call& call, AdminBackend& backend, const Done& done);
void reload(const Call& call, AdminBackend& backend, const Done& done);
void trail(const Call& call, AdminBackend& backend, const Done& done);
void explain(const Call& call, AdminBackend& backend, const Done& done);
void whoami(const Call& call, AdminBackend& backend, const Done& done);

}  // namespace sallyport::admin::pages
