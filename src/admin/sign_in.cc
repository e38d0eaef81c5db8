// See sign_in.h.
#include "admin/sign_in.h"

#include <cmath>
#include <string>

#include "admin/reasons.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "store/key_text.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::admin {
namespace {

constexpr std::uint64_t kHour = 3'600'000;
constexpr std::size_t kMostSeen = 1024;
constexpr std::string_view kChallenge = "Bearer realm=\"sallyport admin\"";
constexpr std::string_view kInvalidToken =
    "Bearer realm=\"sallyport admin\", error=\"invalid_token\"";

void append(store::AuditTrail* trail, store::AuditEvent event) {
  if (trail != nullptr) trail->append(std::move(event), [](const auto&) {});
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

Reply too_many(const Reason& reason, std::string seconds) {
  Reply reply = problem(reason);
  reply.fields.emplace_back("Retry-After", std::move(seconds));
  return reply;
}

}  // namespace

void SignIn::check(const Presented& presented, Grounds grounds, std::uint64_t now, Judged done) {
  const config::AdminPeople* people = grounds.settings->people.get();
  const std::string_view token = token_in(presented.authorization);
  if (presented.authorization.empty()) {
    if (presented.certificate == nullptr || people == nullptr || people->certificates.empty()) {
      return done(std::unexpected(
          unauthenticated(kChallenge, "Send a token as `Authorization: Bearer TOKEN`.")));
    }
    return done(judged(grounds, presented.address,
                       prove_by_certificate(*presented.certificate, people->certificates), now));
  }
  const bool ours = token.starts_with(store::kAdminTokenPrefix);
  if (!ours && people != nullptr && people->oidc) {
    return check_oidc(token, presented.address, std::move(grounds), now, std::move(done));
  }
  done(judged(grounds, presented.address, prove_by_token(token, grounds.tokens), now));
}

void SignIn::check_oidc(std::string_view presented, std::string address, Grounds grounds,
                        std::uint64_t now, Judged done) {
  const config::OidcPeople& people = *grounds.settings->people->oidc;
  const std::shared_ptr<KeySource> keys = people.keys;
  auto verified = keys->verify_now(presented, people.expected);
  if (verified || !verified.error().other_keys_may_do) {
    return done(judged(grounds, std::move(address), prove_by_oidc(verified, people), now));
  }
  keys->fetch_anew([this, token = store::SecretText(std::string(presented)),
                    address = std::move(address), grounds = std::move(grounds),
                    verified = std::move(verified), now,
                    done = std::move(done)](bool anew) mutable {
    const config::OidcPeople& people = *grounds.settings->people->oidc;
    if (anew) verified = people.keys->verify_now(token.view(), people.expected);
    done(judged(grounds, std::move(address), prove_by_oidc(verified, people), now));
  });
}

std::expected<Actor, Reply> SignIn::judged(const Grounds& grounds, std::string address,
                                           Proven proven, std::uint64_t now) {
  if (!proven) {
    return std::unexpected(fail(grounds, {.address = std::move(address)}, proven.error(), now));
  }
  proven->address = std::move(address);
  const config::AdminSettings& settings = *grounds.settings;
  if (!requests_.take(
          proven->text(),
          {.most = settings.most_requests_at_once, .per_second = settings.requests_per_second},
          now)) {
    const double wait = std::ceil(1 / settings.requests_per_second);
    return std::unexpected(
        too_many(reasons::kTooManyRequests, std::to_string(static_cast<std::uint64_t>(wait))));
  }
  note_success(grounds.trail, *proven, now);
  return std::move(*proven);
}

Reply SignIn::fail(const Grounds& grounds, Actor actor, const NotProven& why, std::uint64_t now) {
  // Nobody is to blame who could have been known.
  if (why.unavailable) return problem(reasons::kIssuerUnavailable);
  if (!limit_.take(actor.address, now)) {
    ++unrecorded_;
    return too_many(reasons::kTooManyFailures, "60");
  }
  std::string detail;
  JsonWriter json(detail);
  json.begin_object().string("reason", why.reason);
  if (!why.sentence.empty()) json.string("why", why.sentence);
  if (unrecorded_ != 0) json.number("unrecorded_before", std::exchange(unrecorded_, 0));
  json.end_object();
  append(grounds.trail, event_of(actor, "admin.sign_in_failed", why.object, detail));
  if (why.no_role) return problem(reasons::kNoRole, why.sentence);
  return unauthenticated(kInvalidToken);
}

void SignIn::note_success(store::AuditTrail* trail, const Actor& actor, std::uint64_t now) {
  auto [seen, first] = seen_.try_emplace({actor.text(), actor.address}, now);
  if (!first && now - seen->second < kHour) return;
  seen->second = now;
  const std::string object =
      actor.proof == Actor::Proof::token ? "admin_token/" + actor.id : actor.text();
  append(trail, event_of(actor, "admin.sign_in", object));
  if (seen_.size() <= kMostSeen) return;
  std::erase_if(seen_, [now](const auto& each) { return now - each.second >= kHour; });
  if (seen_.size() > kMostSeen) seen_.clear();  // some are recorded once more
}

void SignIn::refused(store::AuditTrail* trail, const Actor& actor, std::string_view operation,
                     std::uint64_t now) {
  if (!limit_.take(actor.address, now)) {
    ++unrecorded_;
    return;
  }
  append(trail, event_of(actor, "admin.refused", "operation/" + std::string(operation)));
}

}  // namespace sallyport::admin
