// See config_pages.h.
#include "admin/config_pages.h"

#include <optional>
#include <utility>

#include "admin/api/requests.h"
#include "admin/reasons.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace sallyport::admin::pages {
namespace {

using store::ConfigRevision;

constexpr std::string_view kYaml = "application/yaml";

std::optional<std::int64_t> number_in(std::string_view text) {
  const auto number = text::to_number(text);
  // More digits than any revision has, and fewer than an integer.
  if (!number || text.size() > 15) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

Reply unknown(const std::string& asked) {
  return problem(reasons::kNoSuchRecord, "There is no revision " + asked + ".");
}

void write_members(JsonWriter& json, const ConfigRevision& revision, std::uint64_t in_force) {
  std::string time(24, '\0');
  write_rfc3339(time.data(), revision.loaded);
  json.number("number", revision.number)
      .string("loaded", time)
      .string("actor", revision.actor)
      .string("why", revision.why)
      .string("file", revision.file)
      .string("fingerprint", revision.fingerprint)
      .number("warnings", revision.warnings)
      .number("size", revision.size)
      .boolean("in_force", static_cast<std::uint64_t>(revision.number) == in_force);
}

Reply page_of(const std::vector<ConfigRevision>& all, const store::PageQuery& query,
              std::uint64_t in_force, bool kept) {
  const auto after = query.after.empty() ? std::nullopt : number_in(query.after);
  std::string body;
  JsonWriter json(body);
  json.begin_object().boolean("kept", kept).key("items").begin_array();
  std::size_t told = 0;
  const ConfigRevision* last = nullptr;
  bool more = false;
  for (const ConfigRevision& each : all) {
    if (after && each.number >= *after) continue;
    if ((more = told == query.limit)) break;
    json.begin_object();
    write_members(json, each, in_force);
    json.end_object();
    last = &each;
    ++told;
  }
  json.end_array().key("next");
  if (more) {
    json.string(base64url_encode(std::to_string(last->number)));
  } else {
    json.null();
  }
  json.end_object();
  return json_reply(std::move(body));
}

Reply rolled_back(const RollBackResult& result) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().number("revision", result.load.revision);
  if (!result.load.diagnostics_json.empty()) json.raw("findings", result.load.diagnostics_json);
  json.end_object();
  return json_reply(std::move(body));
}

Reply reply_to(const RollBackResult& result) {
  switch (result.fault) {
    case RollBackResult::Fault::none:
      return rolled_back(result);
    case RollBackResult::Fault::no_such_revision:
      return problem(reasons::kNoSuchRecord, result.text);
    case RollBackResult::Fault::store_unavailable:
      return problem(reasons::kStoreUnavailable, result.text);
    case RollBackResult::Fault::audit_unavailable:
      return problem(reasons::kAuditUnavailable, result.text);
    case RollBackResult::Fault::busy:
      return problem(reasons::kBusy, result.text);
    case RollBackResult::Fault::file_differs:
      return problem(reasons::kConfigDiffers, result.text);
    case RollBackResult::Fault::not_writable:
      return problem(reasons::kConfigNotWritable, result.text);
    case RollBackResult::Fault::refused:
      return refused(result.load);
    case RollBackResult::Fault::not_written:
      return problem(reasons::kConfigNotWritten, result.text);
  }
  std::unreachable();
}

}  // namespace

void revisions(const Call& call, AdminBackend& backend, const Respond& done) {
  auto asked = Asked::read(call, {}, true);
  if (!asked) return done(std::move(asked.error()));
  const std::uint64_t in_force = backend.configuration().revision;
  const bool kept = backend.store() != nullptr;
  backend.revisions([=, query = asked->page()](const auto& all) {
    done(all ? page_of(*all, query, in_force, kept) : problem_of(all.error()));
  });
}

void revision(const Call& call, AdminBackend& backend, const Respond& done) {
  const auto number = number_in(call.path[0]);
  if (!number) return done(unknown(call.path[0]));
  const std::uint64_t in_force = backend.configuration().revision;
  backend.find_revision(*number, [done, in_force](const auto& found) {
    if (!found) return done(problem_of(found.error()));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_members(json, found->revision, in_force);
    json.raw("configuration", found->json.empty() ? "null" : found->json).end_object();
    done(json_reply(std::move(body)));
  });
}

void revision_text(const Call& call, AdminBackend& backend, const Respond& done) {
  const auto number = number_in(call.path[0]);
  if (!number) return done(unknown(call.path[0]));
  backend.find_revision(*number, [done](const auto& found) {
    if (!found) return done(problem_of(found.error()));
    done({.content_type = kYaml, .body = *found->text, .secret = true});
  });
}

void revision_diff(const Call& call, AdminBackend& backend, const Respond& done) {
  const auto before = number_in(call.path[0]);
  const auto after = number_in(call.path[1]);
  if (!before || !after) return done(unknown(call.path[before ? 1 : 0]));
  const std::uint64_t in_force = backend.configuration().revision;
  backend.compare_revisions(*before, *after, [done, in_force](const auto& compared) {
    if (!compared) return done(problem_of(compared.error()));
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("before").begin_object();
    write_members(json, compared->before, in_force);
    json.end_object().key("after").begin_object();
    write_members(json, compared->after, in_force);
    json.end_object().raw("summary", compared->changes).string("diff", compared->diff).end_object();
    done(json_reply(std::move(body)));
  });
}

void roll_back(const Call& call, AdminBackend& backend, const Respond& done) {
  auto asked = Asked::read(call, {"force"});
  if (!asked) return done(std::move(asked.error()));
  const std::string force = asked->find("force").value_or("false");
  if (force != "true" && force != "false") {
    return done(problem(reasons::kBadQuery, "`force` is neither true nor false."));
  }
  const auto number = number_in(call.path[0]);
  if (!number) return done(unknown(call.path[0]));
  backend.roll_back(*number, force == "true", actor_of(call),
                    [done](const RollBackResult& result) { done(reply_to(result)); });
}

}  // namespace sallyport::admin::pages
