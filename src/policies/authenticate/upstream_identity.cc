#include "policies/authenticate/upstream_identity.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/sip_hash.h"
#include "base/text.h"
#include "http/chars.h"
#include "http/headers.h"
#include "jose/jws.h"
#include "json/text.h"
#include "policies/authenticate/proof/key_file.h"
#include "policy/identity_headers.h"
#include "policy/route.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

// Of visible ASCII, everything but the percent sign; in a list also without the comma.
constexpr std::string_view kPlain = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}";
constexpr std::string_view kPlainInList = "!\"#$&'()*+/:;<=>?@[\\]^`{|}";

std::string name_fault(const std::string& name) {
  if (!http::is_token(name)) return "is not a name that HTTP allows";
  return http::header_id(name) == http::HeaderId::unknown ? std::string()
                                                          : "is a header with a meaning of its own";
}

std::string algorithm_fault(const std::string& name) {
  return jose::algorithm_named(name) ? std::string()
                                     : "is not one of " + jose::to_text(jose::AlgorithmSet::all());
}

void list(JsonWriter& json, std::string_view name, std::span<const std::string_view> texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (std::string_view text : texts) json.string(text);
  json.end_array();
}

// A claim as the value of a header: texts as they are, items of a list with commas between them.
std::string claim_text(json::Value claim) {
  if (claim.is_array()) {
    std::string joined;
    for (json::Value item : claim.items()) {
      if (!joined.empty()) joined += ',';
      joined += text::percent_encoded(
          item.string() ? std::string(*item.string()) : json::to_text(item), kPlainInList);
    }
    return joined;
  }
  return text::percent_encoded(claim.string() ? std::string(*claim.string()) : json::to_text(claim),
                               kPlain);
}

void put(Exchange& x, const std::string& header, const std::string& value) {
  if (value.empty()) {
    x.request.headers.remove(header);
  } else {
    x.request.headers.set(header, x.arena.copy(value));
  }
}

void check_one(const IdentitySettings& settings, const schema::Node& node,
               schema::Context& context) {
  if (settings.headers || settings.signed_token) return;
  context.error(node, "names nothing that the upstream would get", "Give `headers` or `signed`.",
                schema::code::kMissingKey);
}

// The names of all headers; false: one is there twice.
bool collect(const IdentitySettings& settings, schema::Context& context,
             std::vector<std::string>& names) {
  std::set<std::string> seen;
  bool good = true;
  auto add = [&](const std::string& name, const schema::Where& where) {
    names.push_back(name);
    if (seen.insert(IdentityHeaders::normal(name)).second) return;
    context.diagnostics().error(where, "gives two things to the header '" + name + "'",
                                "Give each a header of its own.", schema::code::kConflict);
    good = false;
  };
  if (settings.headers) {
    const IdentityHeaderSettings& headers = settings.headers->value;
    for (const auto* name :
         {&headers.consumer, &headers.subject, &headers.issuer, &headers.client, &headers.method,
          &headers.strength, &headers.scopes, &headers.roles, &headers.groups}) {
      if (*name) add(**name, settings.headers->where);
    }
    for (const auto& claim : headers.claims) add(claim.value, claim.where);
  }
  if (settings.signed_token) add(settings.signed_token->value.header, settings.signed_token->where);
  return good;
}

}  // namespace

schema::Fields<IdentityHeaderSettings> IdentityHeaderSettings::fields() {
  using S = IdentityHeaderSettings;
  return {
      field("consumer", &S::consumer, "Header with the name of the consumer.")
          .check(name_fault)
          .example("X-Consumer"),
      field("subject", &S::subject, "Header with the subject, in the words of its issuer.")
          .check(name_fault),
      field("issuer", &S::issuer, "Header with who vouches for the subject.").check(name_fault),
      field("client", &S::client, "Header with the application that is used.").check(name_fault),
      field("method", &S::method, "Header with the way it was proven: `jwt`.").check(name_fault),
      field("strength", &S::strength, "Header with how well it was proven: `token`.")
          .check(name_fault),
      field("scopes", &S::scopes, "Header with the scopes, commas between them.").check(name_fault),
      field("roles", &S::roles, "Header with the roles.").check(name_fault),
      field("groups", &S::groups, "Header with the groups.").check(name_fault),
      field("claims", &S::claims, "Claims, as dotted paths, and the headers for them.")
          .example("{tenant: X-Tenant}"),
  };
}

schema::Fields<SignedIdentitySettings> SignedIdentitySettings::fields() {
  using S = SignedIdentitySettings;
  return {
      field("header", &S::header, "Header for the token.").check(name_fault),
      field("key", &S::key,
            "File with the private key that signs: PEM without a passphrase, or a JSON Web Key.")
          .required()
          .example("/etc/sallyport/identity.pem"),
      field("algorithm", &S::algorithm, "Signature algorithm, of those that the key is made for.")
          .check(algorithm_fault)
          .default_text("the first that the key is made for"),
      field("issuer", &S::issuer, "Its `iss`."),
      field("audience", &S::audience, "Its `aud`.").default_text("the name of the API"),
      field("lifetime", &S::lifetime,
            "How long a token is good. One is used again for as long as half of that is left.")
          .range(std::chrono::seconds(2), std::chrono::hours(1)),
  };
}

schema::Fields<IdentitySettings> IdentitySettings::fields() {
  schema::Fields<IdentitySettings> table{
      field("headers", &IdentitySettings::headers, "Headers that hold one fact each."),
      field("signed", &IdentitySettings::signed_token,
            "A signed JSON Web Token that holds all of it."),
  };
  return table.check(check_one);
}

std::unique_ptr<const UpstreamIdentity> UpstreamIdentity::make(const IdentitySettings& settings,
                                                               schema::Context& context) {
  std::unique_ptr<UpstreamIdentity> made(new UpstreamIdentity);
  std::vector<std::string> names;
  if (!collect(settings, context, names)) return nullptr;
  IdentityHeaders::note(context, names);
  if (settings.headers) {
    const IdentityHeaderSettings& headers = settings.headers->value;
    auto text = [&made](const std::optional<std::string>& name, std::string_view Identity::* fact) {
      if (name) made->texts_.emplace_back(*name, fact);
    };
    text(headers.consumer, &Identity::consumer);
    text(headers.subject, &Identity::subject);
    text(headers.issuer, &Identity::issuer);
    text(headers.client, &Identity::client);
    text(headers.method, &Identity::method);
    auto list = [&made](const std::optional<std::string>& name, List fact) {
      if (name) made->lists_.emplace_back(*name, fact);
    };
    list(headers.scopes, &Identity::scopes);
    list(headers.roles, &Identity::roles);
    list(headers.groups, &Identity::groups);
    for (const auto& claim : headers.claims) {
      const std::string fault = name_fault(claim.value);
      if (!fault.empty()) {
        context.diagnostics().error(claim.where, "'" + claim.value + "' " + fault);
        return nullptr;
      }
      made->claims_.emplace_back(claim.value, ClaimPath::dotted(claim.name));
    }
    made->strength_ = headers.strength;
  }
  if (!settings.signed_token) return made;
  const SignedIdentitySettings& token = settings.signed_token->value;
  auto unusable = [&](const std::string& why) {
    context.diagnostics().error(settings.signed_token->where, "names no key that can sign: " + why,
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
  made->signer_.emplace(
      Signer{.key = std::move(*key),
             .algorithm = *algorithm,
             .header = token.header,
             .issuer = token.issuer,
             .audience = token.audience,
             .lifetime = std::chrono::ceil<std::chrono::seconds>(token.lifetime)});
  made->slots_ = std::make_unique<std::array<Slot, kSlots>>();
  return made;
}

bool UpstreamIdentity::write(Exchange& x) const {
  write_headers(x);
  return !signer_ || write_token(x);
}

void UpstreamIdentity::write_headers(Exchange& x) const {
  const Identity& who = *x.identity;
  for (const auto& [header, fact] : texts_) {
    put(x, header, text::percent_encoded(who.*fact, kPlain));
  }
  for (const auto& [header, fact] : lists_) {
    std::string joined;
    for (std::string_view each : who.*fact) {
      if (!joined.empty()) joined += ',';
      joined += text::percent_encoded(each, kPlainInList);
    }
    put(x, header, joined);
  }
  for (const auto& [header, path] : claims_) {
    const std::optional<json::Value> claim = path.find(who.claims);
    put(x, header, claim ? claim_text(*claim) : std::string());
  }
  if (strength_) put(x, *strength_, std::string(name_of(who.strength)));
}

// All that the token says but when, its last brace left out.
std::string UpstreamIdentity::statement(const Exchange& x) const {
  const Identity& who = *x.identity;
  std::string text;
  JsonWriter json(text);
  auto fact = [&json](std::string_view name, std::string_view value) {
    if (!value.empty()) json.string(name, value);
  };
  json.begin_object().string("iss", signer_->issuer);
  json.string("aud", signer_->audience    ? std::string_view(*signer_->audience)
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

bool UpstreamIdentity::write_token(Exchange& x) const {
  std::string payload = statement(x);
  const std::array<std::uint64_t, 2> hash = SipHash(hash_key_).of(payload);
  const std::int64_t now = wall_milliseconds() / 1000;
  Slot& slot = (*slots_)[hash[0] % kSlots];
  {
    const std::scoped_lock lock(slot.mutex);
    if (slot.identity == hash && now < slot.good_until) {
      put(x, signer_->header, slot.token);
      return true;
    }
  }
  const std::int64_t lifetime = signer_->lifetime.count();
  payload += ",\"iat\":" + std::to_string(now) + ",\"exp\":" + std::to_string(now + lifetime) + "}";
  auto token = jose::sign_compact(signer_->key, signer_->algorithm, "JWT", payload);
  if (!token) return false;
  put(x, signer_->header, *token);
  const std::scoped_lock lock(slot.mutex);
  slot.identity = hash;
  slot.good_until = now + lifetime / 2;
  slot.token = std::move(*token);
  return true;
}

}  // namespace sallyport::policies::authenticate_detail
