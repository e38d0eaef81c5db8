// See sign_in.h.
#include "admin/sign_in.h"

#include "admin/reasons.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "store/key_text.h"

namespace sallyport::admin {
namespace {

constexpr std::uint64_t kHour = 3'600'000;
constexpr std::size_t kMostSeen = 1024;

void append(store::AuditTrail& trail, store::AuditEvent event) {
  trail.append(std::move(event), [](const auto&) {});
}

std::string_view name_of(store::KeyVerdict verdict) {
  switch (verdict) {
    case store::KeyVerdict::malformed:
      return "malformed";
    case store::KeyVerdict::unknown:
      return "unknown";
    case store::KeyVerdict::wrong_secret:
      return "wrong_secret";
    case store::KeyVerdict::revoked:
      return "revoked";
    default:
      return "expired";
  }
}

// RFC 6750 2.1; the scheme's case does not matter (RFC 9110 11.1).
std::string_view token_in(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size() ||
      !text::equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return text::trim(authorization.substr(kScheme.size()));
}

Reply unauthenticated(std::string_view challenge, std::string_view detail = {}) {
  Reply reply = problem(reasons::kUnauthenticated, detail);
  reply.fields.emplace_back("WWW-Authenticate", challenge);
  return reply;
}

}  // namespace

std::expected<Actor, Reply> SignIn::check(const store::CallerDirectory& callers,
                                          store::AuditTrail& trail, std::string_view authorization,
                                          std::string address, std::uint64_t now) {
  if (authorization.empty()) {
    return std::unexpected(unauthenticated("Bearer realm=\"sallyport admin\"",
                                           "Send it as `Authorization: Bearer TOKEN`."));
  }
  const std::string_view presented = token_in(authorization);
  store::FoundAdminToken found = callers.view()->find_admin_token(presented, wall_milliseconds());
  Actor actor{.token = std::move(found.token), .address = std::move(address)};
  if (found.verdict != store::KeyVerdict::good) {
    return std::unexpected(fail(trail, presented, found.verdict, std::move(actor), now));
  }
  note_success(trail, actor, now);
  return actor;
}

Reply SignIn::fail(store::AuditTrail& trail, std::string_view presented, store::KeyVerdict verdict,
                   Actor actor, std::uint64_t now) {
  if (!limit_.take(actor.address, now)) {
    ++unrecorded_;
    Reply reply = problem(reasons::kTooManyFailures);
    reply.fields.emplace_back("Retry-After", "60");
    return reply;
  }
  std::string detail;
  JsonWriter json(detail);
  json.begin_object().string("reason", name_of(verdict));
  if (unrecorded_ != 0) json.number("unrecorded_before", std::exchange(unrecorded_, 0));
  json.end_object();
  const auto parsed = store::PresentedKey::parse(presented, store::kAdminTokenPrefix);
  append(trail, event_of(actor, "admin.sign_in_failed",
                         parsed ? "admin_token/" + parsed->id().text() : "admin_token", detail));
  return unauthenticated("Bearer realm=\"sallyport admin\", error=\"invalid_token\"");
}

void SignIn::note_success(store::AuditTrail& trail, const Actor& actor, std::uint64_t now) {
  auto [seen, first] = seen_.try_emplace({actor.token->id, actor.address}, now);
  if (!first && now - seen->second < kHour) return;
  seen->second = now;
  append(trail, event_of(actor, "admin.sign_in", "admin_token/" + actor.token->id));
  if (seen_.size() <= kMostSeen) return;
  std::erase_if(seen_, [now](const auto& each) { return now - each.second >= kHour; });
  if (seen_.size() > kMostSeen) seen_.clear();  // some are recorded once more
}

void SignIn::refused(store::AuditTrail& trail, const Actor& actor, std::string_view operation,
                     std::uint64_t now) {
  if (!limit_.take(actor.address, now)) {
    ++unrecorded_;
    return;
  }
  append(trail, event_of(actor, "admin.refused", "operation/" + std::string(operation)));
}

}  // namespace sallyport::admin
