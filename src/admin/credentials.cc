// See credentials.h.
#include "admin/credentials.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "admin/api/requests.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/key_text.h"

namespace sallyport::admin {
namespace {

using store::KeyVerdict;

std::string_view name_of(KeyVerdict verdict) {
  switch (verdict) {
    case KeyVerdict::malformed:
      return "malformed";
    case KeyVerdict::unknown:
      return "unknown";
    case KeyVerdict::wrong_secret:
      return "wrong_secret";
    case KeyVerdict::revoked:
      return "revoked";
    case KeyVerdict::not_yet:
      return "not_yet";
    case KeyVerdict::expired:
      return "expired";
    case KeyVerdict::no_consumer:
      return "no_consumer";
    case KeyVerdict::disabled:
      return "disabled";
    case KeyVerdict::good:
      return "good";
  }
  return "refused";
}

// The role that may most, of those that the claim's texts give.
std::optional<AdminRole> role_in(json::Value claims, const config::OidcPeople& people) {
  std::optional<AdminRole> role;
  auto look = [&](std::string_view text) {
    const auto found = people.roles.find(text);
    if (found != people.roles.end() && (!role || found->second > *role)) role = found->second;
  };
  const std::optional<json::Value> value = people.claim.find(claims);
  if (!value) return role;
  const std::string_view text = value->string().value_or("");
  if (people.claim_is_words) {
    text::for_each_word(text, look);
  } else {
    look(text);
  }
  for (json::Value each : value->items()) {
    if (const auto item = each.string()) look(*item);
  }
  return role;
}

}  // namespace

Proven prove_by_token(std::string_view presented, const store::CallerDirectory* tokens) {
  const auto parsed = store::PresentedKey::parse(presented, store::kAdminTokenPrefix);
  std::string object = parsed ? "admin_token/" + parsed->id().text() : "admin_token";
  if (tokens == nullptr) {
    return std::unexpected(NotProven{.reason = "no_state", .object = std::move(object)});
  }
  const store::FoundAdminToken found =
      tokens->view()->find_admin_token(presented, wall_milliseconds());
  if (found.verdict != KeyVerdict::good) {
    return std::unexpected(
        NotProven{.reason = name_of(found.verdict), .object = std::move(object)});
  }
  return Actor{.address = {},
               .proof = Actor::Proof::token,
               .role = found.token->role,
               .id = found.token->id,
               .name = found.token->name,
               .expires = found.token->expires};
}

Proven prove_by_certificate(const async::PeerCertificate& certificate,
                            const KnownCertificates& known) {
  // Others than these names would be hard to tell apart in the trail.
  const bool plain = !certificate.subject.empty() && is_word(certificate.subject);
  std::string id = plain ? certificate.subject : certificate.fingerprint;
  const KnownCertificates::Found found =
      known.find(certificate.subject, certificate.fingerprint, certificate.names);
  const std::optional<AdminRole> role = store::role_named(found.whose);
  if (found.several || !role) {
    return std::unexpected(NotProven{
        .reason = "no_role",
        .object = "certificate/" + id,
        .sentence = found.several ? "several roles fit the certificate" : "no role fits it",
        .no_role = true});
  }
  return Actor{.address = {},
               .proof = Actor::Proof::certificate,
               .role = *role,
               .id = std::move(id),
               .fingerprint = certificate.fingerprint};
}

Proven prove_by_oidc(const std::expected<VerifiedToken, UnverifiedToken>& verified,
                     const config::OidcPeople& people) {
  const std::string object = "oidc/" + people.issuer;
  auto not_proven = [&object](std::string_view reason, std::string sentence) {
    return std::unexpected(
        NotProven{.reason = reason, .object = object, .sentence = std::move(sentence)});
  };
  if (!verified) {
    return std::unexpected(NotProven{.reason = verified.error().code,
                                     .object = object,
                                     .sentence = verified.error().sentence,
                                     .unavailable = verified.error().unavailable});
  }
  const jose::Token& token = verified->token;
  const json::Value claims = token.claims();
  // Good only for whoever holds another key, which nobody has shown here (RFC 7800).
  if (claims.find("cnf")) return not_proven("bound", "it is bound to a key (cnf)");
  // It was sent to others than the one it is about (RFC 8417).
  if (claims.find("events")) return not_proven("events", "it tells of events, as logout tokens do");
  const std::optional<jose::Time> issued = token.issued_at();
  const std::optional<jose::Time> expires = token.expires_at();
  if (!issued || !expires) return not_proven("missing_claim", "it does not say how old it is");
  if (*issued + people.max_age < time_now()) {
    return not_proven("too_old", "it was issued longer ago than max_age");
  }
  const std::string_view subject = token.subject().value_or("");
  if (subject.empty() || !is_word(subject)) {
    return not_proven("invalid_claim", "its subject cannot be written down");
  }
  const std::optional<AdminRole> role = role_in(claims, people);
  if (!role) {
    return std::unexpected(NotProven{.reason = "no_role",
                                     .object = object + "#" + std::string(subject),
                                     .sentence = "no value of the claim gives a role",
                                     .no_role = true});
  }
  return Actor{.address = {},
               .proof = Actor::Proof::oidc,
               .role = *role,
               .id = std::string(subject),
               .issuer = people.issuer,
               .expires = expires->time_since_epoch().count()};
}

}  // namespace sallyport::admin
