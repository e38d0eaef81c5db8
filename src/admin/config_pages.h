// The routes about former configurations: what was in force, what differs, and back to it.
#pragma once

#include "admin/admin_backend.h"
#include "admin/api/call.h"
#include "admin/pages.h"

namespace sallyport::admin::pages {

void revisions(const Call& call, AdminBackend& backend, const Respond& done);
void revision(const Call& call, AdminBackend& backend, const Respond& done);
void revision_text(const Call& call, AdminBackend& backend, const Respond& done);
void revision_diff(const Call& call, AdminBackend& backend, const Respond& done);
void roll_back(const Call& call, AdminBackend& backend, const Respond& done);

}  // namespace sallyport::admin::pages
