#include "policies/authenticate/login/logout_token.h"

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "policies/authenticate/proof/replay_memory.h"
#include "policies/authenticate/token/verify_token.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::string_view kEvent = "http://schemas.openid.net/event/backchannel-logout";
constexpr std::string_view kKind = "logout_token";  // to the memory of what was used

}  // namespace

EndedSessions::~EndedSessions() {
  if (!id_.empty()) ReplayMemory::of_process().forget(kKind, issuer_, id_);
}

LogoutTokens::LogoutTokens(const jose::Expectations& like, std::string issuer,
                           std::string client_id, std::int64_t lifetime,
                           std::shared_ptr<KeySource> source)
    : issuer_(std::move(issuer)),
      client_id_(std::move(client_id)),
      lifetime_(lifetime),
      source_(std::move(source)),
      expected_(like) {
  expected_.types = {"logout+jwt", "JWT"};
  expected_.required_claims = {"iat", "jti", "events"};
}

Task<LogoutTokens::Ended> LogoutTokens::read(const Exchange& x, std::string_view token) const {
  Task<Verification> verifying = verify_token(*source_, token, expected_);
  Verification verification = co_await verifying;
  if (auto* refused = std::get_if<Refused>(&verification)) co_return std::move(*refused);
  if (auto* missing = std::get_if<Unavailable>(&verification)) co_return std::move(*missing);
  const jose::Token& good = std::get<Verified>(verification).token;
  const json::Value claims = good.claims();
  const std::optional<json::Value> events = claims.find("events");
  const std::optional<json::Value> event = events ? events->find(kEvent) : std::nullopt;
  if (!event || !event->is_object()) co_return Refused{"it tells of no logout (events)"};
  if (claims.find("nonce")) co_return Refused{"it has a nonce, as an ID token has"};
  const std::string_view sid = claims.text("sid");
  const std::string_view subject = claims.text("sub");
  if (sid.empty() && subject.empty()) co_return Refused{"it names neither a session nor anybody"};
  const std::string_view id = claims.text("jti");
  if (id.empty()) co_return Refused{"it has no id (jti)"};
  const std::int64_t now = wall_milliseconds();
  const auto expiry = std::chrono::duration_cast<std::chrono::seconds>(
      (*good.expires_at() + expected_.leeway).time_since_epoch());
  const auto answer =
      ReplayMemory::of_process().remember(x, kKind, issuer_, id, now / 1000, expiry.count());
  if (answer == ReplayMemory::Answer::seen) co_return Refused{"it was used before"};
  if (answer == ReplayMemory::Answer::full) {
    co_return Unavailable{"more logout tokens came than can be remembered against replay"};
  }
  using enum SessionRevocations::Kind;
  SessionRevocations::Revoked revoked{
      .kind = sid.empty() ? all_so_far : one,
      .name = sid.empty() ? SessionNames::of("sub", issuer_, client_id_, subject)
                          : SessionNames::of("sid", issuer_, client_id_, sid),
      .until = now + lifetime_};
  co_return EndedSessions(std::move(revoked), issuer_, std::string(id));
}

}  // namespace sallyport::policies::authenticate_detail
