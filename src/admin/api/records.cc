// See records.h.
#include "admin/api/records.h"

#include <array>

#include "base/clock.h"
#include "store/records/admin_role.h"

namespace sallyport::admin {

using store::AdminToken;
using store::ApiKey;
using store::Client;
using store::Consumer;
using store::Revocation;
using store::RevocationKind;
using store::SigningKey;

namespace {

constexpr std::array<std::string_view, 3> kKinds = {"token", "subject", "client"};

constexpr std::array kConsumer = {
    member<&Consumer::id>("id", "Given by the gateway.", Who::gateway),
    granting(member<&Consumer::name>(
                 "name",
                 "Unique; what policies and logs call the consumer. Changing it takes the role "
                 "security.",
                 Who::client, true),
             Grants::when_changed),
    granting(member<&Consumer::groups>(
        "groups", "Groups that rules of `authorize` may name. Takes the role security.")),
    granting(member<&Consumer::roles>(
        "roles", "Roles that rules of `authorize` may name. Takes the role security.")),
    object_member<&Consumer::metadata>("metadata", "Whatever else is to be kept, up to 64 KiB.",
                                       R"({"type":["object","null"]})"),
    member<&Consumer::plan>("plan", "Name of the plan it has booked."),
    granting(
        member<&Consumer::disabled>(
            "disabled", "None of its credentials is good. Changing it takes the role security."),
        Grants::when_changed),
    time_member<&Consumer::created>("created", "When it was made.", Who::gateway),
};

constexpr std::array kKey = {
    member<&ApiKey::id>("id", "Public part of the key.", Who::gateway),
    member<&ApiKey::consumer>("consumer", "Id of the consumer whose key it is.", Who::once, true),
    member<&ApiKey::label>("label", "For people."),
    member<&ApiKey::apis>("apis", "APIs that it is good for; none: all."),
    member<&ApiKey::networks>("networks", "Networks it may be used from (CIDR); none: any."),
    member<&ApiKey::scopes>("scopes", "Scopes that it proves."),
    time_member<&ApiKey::created>("created", "When it was issued.", Who::gateway),
    time_member<&ApiKey::not_before>("not_before", "When it becomes good; null: at once."),
    time_member<&ApiKey::expires>("expires", "When it ends; null: never."),
    time_member<&ApiKey::revoked>("revoked", "When it was revoked; null: it is not.", Who::gateway),
    [] {
      auto last_used = time_member<&ApiKey::last_used>(
          "last_used", "When it was used last, to the minute or so; null: never.", Who::gateway);
      last_used.detail = false;
      return last_used;
    }(),
};

constexpr std::array kClient = {
    member<&Client::id>("id",
                        "Letters, digits and . _ ~ - ; given by the gateway where it is left out.",
                        Who::once),
    member<&Client::consumer>("consumer", "Id of the consumer it acts for.", Who::once, true),
    Member<Client>{.name = "has_secret",
                   .schema = R"({"type":"boolean"})",
                   .description = "Whether it can authenticate with a secret.",
                   .who = Who::gateway,
                   .write = [](JsonWriter& json,
                               const Client& from) { json.boolean(from.secret_hash.has_value()); }},
    object_member<&Client::jwk>("jwk", "Its public key or keys (JWK or JWK Set).",
                                R"({"type":["object","null"]})"),
    member<&Client::mtls_subject>("mtls_subject", "Subject of its client certificate."),
    member<&Client::scopes>("scopes", "Scopes that it may ask for."),
    member<&Client::grant_seconds>("grant_seconds",
                                   "Lifetime of the tokens it is given: a second to a year."),
    member<&Client::disabled>("disabled", "It is given no tokens."),
    time_member<&Client::created>("created", "When it was made.", Who::gateway),
};

constexpr std::array kRevocation = {
    Member<Revocation>{
        .name = "kind",
        .schema = R"({"enum":["token","subject","client"]})",
        .description = "What `value` names: one token by its `jti`, or all tokens of a subject or "
                       "of a client that were issued before the revocation.",
        .who = Who::once,
        .required = true,
        .read = [](json::Value value, Revocation& into) -> internal::Fault {
          const auto name = value.string();
          const auto kind = name ? revocation_kind(*name) : std::nullopt;
          if (!kind) return "is none of token, subject and client";
          into.kind = *kind;
          return std::nullopt;
        },
        .write = [](JsonWriter& json, const Revocation& from) { json.string(name_of(from.kind)); }},
    member<&Revocation::value>("value", "The `jti`, subject or client.", Who::once, true),
    time_member<&Revocation::created>("created", "When it was revoked, last.", Who::gateway),
    Member<Revocation>{
        .name = "until",
        .schema = R"({"type":"string","format":"date-time"})",
        .description = "When the last token that it can concern has expired; then it is forgotten.",
        .who = Who::once,
        .required = true,
        .read = [](json::Value value, Revocation& into) -> internal::Fault {
          std::optional<std::int64_t> time;
          if (auto fault = internal::read_time(value, time)) return fault;
          if (!time) return "is null where a time is needed";
          into.until = *time;
          return std::nullopt;
        },
        .write = [](JsonWriter& json,
                    const Revocation& from) { internal::write_time(json, from.until); }},
};

constexpr std::array kAdminToken = {
    member<&AdminToken::id>("id", "Public part of the token.", Who::gateway),
    member<&AdminToken::name>("name", "For people: whose it is, what it is for.", Who::once, true),
    Member<AdminToken>{
        .name = "role",
        .schema = R"({"enum":["viewer","operator","security","admin"]})",
        .description = "What it may do; each role may what those before it may.",
        .who = Who::once,
        .required = true,
        .read = [](json::Value value, AdminToken& into) -> internal::Fault {
          const auto name = value.string();
          const auto role = name ? store::role_named(*name) : std::nullopt;
          if (!role) return "is none of viewer, operator, security and admin";
          into.role = *role;
          return std::nullopt;
        },
        .write = [](JsonWriter& json, const AdminToken& from) { json.string(name_of(from.role)); }},
    time_member<&AdminToken::created>("created", "When it was made.", Who::gateway),
    time_member<&AdminToken::expires>("expires", "When it ends; null: never.", Who::once),
    time_member<&AdminToken::revoked>("revoked", "When it was revoked; null: it is not.",
                                      Who::gateway),
};

std::string_view state_of(const SigningKey& key) {
  if (key.retired) return "retired";
  return key.active_from > wall_milliseconds() ? "coming" : "signing";
}

constexpr std::array kSigningKey = {
    member<&SigningKey::kid>("kid", "Thumbprint of its public part (RFC 7638).", Who::gateway),
    member<&SigningKey::algorithm>("algorithm", "That it signs with.", Who::gateway),
    Member<SigningKey>{
        .name = "state",
        .schema = R"({"enum":["coming","signing","retired"]})",
        .description = "`coming`: published, and signs later; `retired`: published until what it "
                       "has signed has expired.",
        .who = Who::gateway,
        .write = [](JsonWriter& json, const SigningKey& from) { json.string(state_of(from)); }},
    time_member<&SigningKey::created>("created", "When it was made.", Who::gateway),
    time_member<&SigningKey::active_from>("active_from", "From when on it signs.", Who::gateway),
    time_member<&SigningKey::retired>("retired", "Since when it signs no more; null: it does.",
                                      Who::gateway),
};

constexpr std::array kKeyRotation = {
    member<&KeyRotation::in_seconds>(
        "in_seconds", "How long it is published before it signs; 0: at once; an hour by default."),
};

constexpr std::array kRotation = {
    member<&Rotation::overlap_seconds>(
        "overlap_seconds", "How long the old key stays good beside the new one; a day by default."),
};

}  // namespace

Members<Consumer> consumer_members() { return kConsumer; }
Members<ApiKey> key_members() { return kKey; }
Members<Client> client_members() { return kClient; }
Members<Revocation> revocation_members() { return kRevocation; }
Members<AdminToken> admin_token_members() { return kAdminToken; }
Members<SigningKey> signing_key_members() { return kSigningKey; }
Members<KeyRotation> key_rotation_members() { return kKeyRotation; }
Members<Rotation> rotation_members() { return kRotation; }

std::optional<RevocationKind> revocation_kind(std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == name) return static_cast<RevocationKind>(i);
  }
  return std::nullopt;
}

std::string_view name_of(RevocationKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace sallyport::admin
