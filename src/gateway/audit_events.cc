// See audit_events.h.
#include "gateway/audit_events.h"

#include <unistd.h>

#include <string_view>

#include "base/json_writer.h"
#include "base/version.h"
#include "gateway/config_changes.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kMostErrorsTold = 10;

std::string this_process() { return "gateway/" + std::to_string(::getpid()); }

void write_errors(JsonWriter& json, const schema::Diagnostics& diagnostics) {
  std::uint64_t count = 0;
  json.key("errors").begin_array();
  for (const schema::Diagnostic& each : diagnostics.sorted()) {
    if (each.severity != schema::Severity::error || ++count > kMostErrorsTold) continue;
    json.begin_object()
        .string("path", each.path)
        .number("line", each.line)
        .string("message", each.message)
        .end_object();
  }
  json.end_array().number("more", count > kMostErrorsTold ? count - kMostErrorsTold : 0);
}

}  // namespace

store::AuditEvent gateway_started(const config::Snapshot& snapshot) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object()
      .string("version", kVersion)
      .string("file", snapshot.file)
      .number("revision", snapshot.revision)
      .string("fingerprint", snapshot.fingerprint)
      .end_object();
  return {.actor = "sallyport",
          .action = "gateway.start",
          .object = this_process(),
          .detail = std::move(detail)};
}

store::AuditEvent gateway_stopping(const Cause& cause) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object().string("why", cause.why).end_object();
  return {.actor = cause.actor,
          .action = "gateway.stop",
          .object = this_process(),
          .detail = std::move(detail)};
}

store::AuditEvent config_loaded(const Cause& cause, const config::Snapshot& before,
                                const config::Snapshot& now) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object()
      .string("why", cause.why)
      .string("file", now.file)
      .number("revision", now.revision)
      .string("fingerprint", now.fingerprint)
      .string("before", before.fingerprint)
      .raw("diff", config_changes(before.redacted, now.redacted))
      .end_object();
  return {.actor = cause.actor,
          .action = "config.load",
          .object = "config/" + now.fingerprint,
          .detail = std::move(detail)};
}

store::AuditEvent rolling_back(const Cause& cause, std::int64_t revision, bool force) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object().number("revision", revision).boolean("force", force).end_object();
  return {.actor = cause.actor,
          .action = "config.roll_back",
          .object = "config/revision-" + std::to_string(revision),
          .detail = std::move(detail)};
}

store::AuditEvent config_refused(const Cause& cause, const config::LoadResult& result,
                                 const config::Snapshot& in_force, const std::string& error) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object()
      .string("why", cause.why)
      .string("file", in_force.file)
      .string("fingerprint", result.fingerprint)
      .number("in_force", in_force.revision);
  write_errors(json, result.diagnostics);
  if (!error.empty()) json.string("error", error);
  json.end_object();
  return {.actor = cause.actor,
          .action = "config.refuse",
          .object = "config/" + result.fingerprint,
          .detail = std::move(detail)};
}

}  // namespace sallyport::gateway
