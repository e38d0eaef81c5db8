// See call.h.
#include "admin/api/call.h"

#include <future>
#include <utility>

#include "admin/reasons.h"
#include "base/json_writer.h"

namespace sallyport::admin {
namespace {

using store::AuditEvent;
using store::ErrorKind;

// What the two threads that see a piece of work through share.
struct Progress {
  std::vector<AuditEvent> recorded;
  std::optional<Reply> refusal;
};

// Waits until all of them are on the disk.
store::Outcome<void> write_all(store::AuditTrail& trail, const std::vector<AuditEvent>& events) {
  std::vector<std::future<store::Outcome<std::uint64_t>>> written;
  written.reserve(events.size());
  for (const AuditEvent& event : events) written.push_back(trail.append(event));
  store::Outcome<void> all;
  for (auto& each : written) {
    auto line = each.get();
    if (!line && all) all = store::fail(line);
  }
  return all;
}

// The trail says that something was changed, and then it was not.
void take_back(store::AuditTrail& trail, const std::vector<AuditEvent>& events) {
  for (AuditEvent event : events) {
    event.action += ".failed";
    trail.append(std::move(event), [](const auto&) {});
  }
}

}  // namespace

std::string Actor::text() const {
  switch (proof) {
    case Proof::none:
      break;
    case Proof::token:
      return "token/" + id;
    case Proof::certificate:
      return "certificate/" + id;
    case Proof::oidc:
      return "oidc/" + issuer + "#" + id;
  }
  return "nobody";
}

void Work::record(std::string action, std::string object, std::string_view detail) {
  events_.push_back(event_of(call_.actor, std::move(action), std::move(object), detail));
}

std::unexpected<store::Error> Work::refuse(const Reason& reason, std::string_view detail) {
  refusal_ = problem(reason, detail);
  return store::fail(ErrorKind::conflict, std::string(reason.title));
}

AuditEvent event_of(const Actor& actor, std::string action, std::string object,
                    std::string_view detail) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().string("from", actor.address);
  auto say = [&json](std::string_view name, std::string_view value) {
    if (!value.empty()) json.string(name, value);
  };
  say("name", actor.name);
  say("fingerprint", actor.fingerprint);
  if (actor.proof == Actor::Proof::oidc) {
    json.string("issuer", actor.issuer).string("subject", actor.id);
  }
  if (actor.proof != Actor::Proof::none) json.string("role", name_of(actor.role));
  if (detail != "{}") json.raw("change", detail);
  json.end_object();
  return {.actor = actor.text(),
          .action = std::move(action),
          .object = std::move(object),
          .detail = std::move(text)};
}

Reply problem_of(const store::Error& error) {
  switch (error.kind) {
    case ErrorKind::not_found:
      return problem(reasons::kNoSuchRecord, error.text);
    case ErrorKind::conflict:
      return problem(reasons::kConflict, error.text);
    case ErrorKind::invalid:
      return problem(reasons::kInvalid, error.text);
    case ErrorKind::busy:
    case ErrorKind::unavailable:
    case ErrorKind::corrupt:
    case ErrorKind::refused:
      break;
  }
  return problem(reasons::kStoreUnavailable, error.text);
}

void carry_out(store::Store& store, store::AuditTrail& trail, std::shared_ptr<const Call> call,
               Step step, std::move_only_function<void(Reply)> done) {
  auto progress = std::make_shared<Progress>();
  store.run(
      [&trail, progress, call = std::move(call),
       step = std::move(step)](store::Session& session) mutable -> store::Outcome<Reply> {
        Work work(session, *call);
        store::Outcome<Reply> reply = step(work);
        progress->refusal = std::move(work.refusal());
        if (!reply || work.events().empty()) return reply;
        // First the record, then the change: none is ever made that the trail does not know of.
        auto written = write_all(trail, work.events());
        if (!written) {
          progress->refusal = problem(reasons::kAuditUnavailable, written.error().text);
          return store::fail(ErrorKind::conflict, std::move(written.error().text));
        }
        progress->recorded = work.events();
        return reply;
      },
      [&trail, progress, done = std::move(done)](store::Outcome<Reply> reply) mutable {
        if (reply) return done(std::move(*reply));
        take_back(trail, progress->recorded);
        done(progress->refusal ? std::move(*progress->refusal) : problem_of(reply.error()));
      });
}

}  // namespace sallyport::admin
