#include "policies/authenticate/token/own_token.h"

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/view/caller_directory.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using store::RevocationKind;

// Of the exchange, as the record may be replaced while it lasts.
std::span<const std::string_view> copied(const std::vector<std::string>& words, Arena& arena) {
  if (words.empty()) return {};
  std::string_view* copies = arena.array<std::string_view>(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) copies[i] = arena.copy(words[i]);
  return {copies, words.size()};
}

}  // namespace

OwnToken own_token_of(const jose::Token& token) {
  const auto issued = token.issued_at();
  return {.id = token.id().value_or(""),
          .client = token.claims().text("client_id"),
          .subject = token.subject().value_or(""),
          .issued = issued ? issued->time_since_epoch().count() : 0};
}

std::string_view take_own_token(const OwnToken& token, Exchange& x, Identity& identity) {
  if (x.callers == nullptr) return "the store of callers is not there";
  const store::CallerView& callers = *x.callers->view();
  const std::int64_t now = wall_milliseconds();
  auto revoked = [&](RevocationKind kind, std::string_view value) {
    const store::Revocation* found = callers.revocation(kind, value, now);
    return found != nullptr && (kind == RevocationKind::token || token.issued <= found->created);
  };
  if (revoked(RevocationKind::token, token.id)) return "the token was revoked";
  if (revoked(RevocationKind::client, token.client)) return "tokens of its client were revoked";
  if (revoked(RevocationKind::subject, token.subject)) return "tokens of its subject were revoked";
  const store::Client* client = callers.client(token.client);
  if (client == nullptr || client->disabled) return "its client is disabled or gone";
  const store::Consumer* consumer = callers.consumer(client->consumer);
  if (consumer == nullptr || consumer->disabled) return "its consumer is disabled or gone";
  identity.consumer = x.arena.copy(consumer->name);
  identity.roles = copied(consumer->roles, x.arena);
  identity.groups = copied(consumer->groups, x.arena);
  return {};
}

}  // namespace sallyport::policies::authenticate_detail
