#include "policies/authenticate/identity_token.h"

#include <expected>
#include <span>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/sip_hash.h"
#include "jose/jws.h"
#include "policies/authenticate/proof/key_file.h"
#include "policy/route.h"

namespace sallyport::policies::authenticate_detail {
namespace {

void list(JsonWriter& json, std::string_view name, std::span<const std::string_view> texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (std::string_view text : texts) json.string(text);
  json.end_array();
}

}  // namespace

IdentityToken::IdentityToken(const SignedIdentitySettings& settings, jose::Key key,
                             jose::Algorithm algorithm)
    : key_(std::move(key)),
      algorithm_(algorithm),
      header_(settings.header),
      issuer_(settings.issuer),
      audience_(settings.audience),
      lifetime_(std::chrono::ceil<std::chrono::seconds>(settings.lifetime).count()),
      slots_(std::make_unique<std::array<Slot, kSlots>>()) {}

std::unique_ptr<const IdentityToken> IdentityToken::make(
    const schema::Marked<SignedIdentitySettings>& settings, schema::Context& context) {
  const SignedIdentitySettings& token = settings.value;
  auto unusable = [&](const std::string& why) {
    context.diagnostics().error(settings.where, "names no key that can sign: " + why,
                                "Make one: openssl genpkey -algorithm EC -pkeyopt "
                                "ec_paramgen_curve:P-256 -out identity.pem",
                                schema::code::kInvalidValue);
    return nullptr;
  };
  std::expected<jose::Key, std::string> key = signing_key_of(token.key, context);
  if (!key) return unusable(key.error());
  std::optional<jose::Algorithm> algorithm;
  if (token.algorithm) {
    algorithm = jose::algorithm_named(*token.algorithm);
    if (!key->algorithms().contains(*algorithm)) {
      return unusable("it is made for " + jose::to_text(key->algorithms()));
    }
  } else {
    key->algorithms().for_each([&algorithm](jose::Algorithm each) {
      if (!algorithm) algorithm = each;
    });
  }
  return std::unique_ptr<const IdentityToken>(
      new IdentityToken(token, std::move(*key), *algorithm));
}

// All that the token says but when, its last brace left out.
std::string IdentityToken::statement(const Exchange& x) const {
  const Identity& who = *x.identity;
  std::string text;
  JsonWriter json(text);
  auto fact = [&json](std::string_view name, std::string_view value) {
    if (!value.empty()) json.string(name, value);
  };
  json.begin_object().string("iss", issuer_);
  json.string("aud", audience_            ? std::string_view(*audience_)
                     : x.route != nullptr ? std::string_view(x.route->api)
                                          : std::string_view());
  fact("sub", who.subject.empty() ? who.consumer : who.subject);
  fact("consumer", who.consumer);
  fact("subject_issuer", who.issuer);
  fact("client_id", who.client);
  fact("method", who.method);
  fact("strength", name_of(who.strength));
  if (!who.scopes.empty()) {
    std::string scopes;
    for (std::string_view each : who.scopes) {
      scopes += scopes.empty() ? "" : " ";
      scopes += each;
    }
    json.string("scope", scopes);
  }
  list(json, "roles", who.roles);
  list(json, "groups", who.groups);
  json.end_object();
  text.pop_back();
  return text;
}

bool IdentityToken::write(Exchange& x) const {
  std::string payload = statement(x);
  const std::array<std::uint64_t, 2> hash = SipHash(hash_key_).of(payload);
  const std::int64_t now = wall_milliseconds() / 1000;
  Slot& slot = (*slots_)[hash[0] % kSlots];
  {
    const std::scoped_lock lock(slot.mutex);
    if (slot.identity == hash && now < slot.good_until) {
      x.request.headers.set(header_, x.arena.copy(slot.token));
      return true;
    }
  }
  payload +=
      ",\"iat\":" + std::to_string(now) + ",\"exp\":" + std::to_string(now + lifetime_) + "}";
  auto token = jose::sign_compact(key_, algorithm_, "JWT", payload);
  if (!token) return false;
  x.request.headers.set(header_, x.arena.copy(*token));
  const std::scoped_lock lock(slot.mutex);
  slot.identity = hash;
  slot.good_until = now + lifetime_ / 2;
  slot.token = std::move(*token);
  return true;
}

}  // namespace sallyport::policies::authenticate_detail
