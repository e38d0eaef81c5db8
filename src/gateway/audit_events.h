// What the process records about itself in the audit trail.
#pragma once

#include <cstdint>
#include <string>

#include "config/load.h"
#include "config/snapshot.h"
#include "store/audit/audit_line.h"

namespace sallyport::gateway {

// Who or what asked for something, and how.
struct Cause {
  std::string actor;  // "signal", "watch", "admin", or a person or token of the admin interface
  std::string why;    // "SIGHUP"
};

[[nodiscard]] store::AuditEvent gateway_started(const config::Snapshot& snapshot);
[[nodiscard]] store::AuditEvent gateway_stopping(const Cause& cause);
// `before` was in force until now.
[[nodiscard]] store::AuditEvent config_loaded(const Cause& cause, const config::Snapshot& before,
                                              const config::Snapshot& now);
// Before it is done: what follows is the load, or its refusal.
[[nodiscard]] store::AuditEvent rolling_back(const Cause& cause, std::int64_t revision, bool force);
// `error`: what was wrong beyond the file; may be empty.
[[nodiscard]] store::AuditEvent config_refused(const Cause& cause, const config::LoadResult& result,
                                               const config::Snapshot& in_force,
                                               const std::string& error);

}  // namespace sallyport::gateway
