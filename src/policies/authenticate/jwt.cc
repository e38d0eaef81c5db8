#include "policies/authenticate/jwt.h"

#include <chrono>
#include <expected>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/fetch.h"
#include "jose/token.h"
#include "policies/authenticate/credential.h"
#include "policies/authenticate/key_source.h"
#include "policies/authenticate/token_cache.h"
#include "policy/claim_path.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// Texts of a list, or words of a text; nothing of anything else.
std::vector<std::string_view> words_of(std::optional<json::Value> value) {
  std::vector<std::string_view> words;
  if (!value) return words;
  for (json::Value item : value->items()) {
    if (auto word = item.string()) words.push_back(*word);
  }
  text::for_each_word(value->string().value_or(""),
                      [&words](std::string_view word) { words.push_back(word); });
  return words;
}

std::string_view text_of(const std::optional<json::Value>& value) {
  return value ? value->string().value_or("") : "";
}

std::expected<std::string, std::string> content_of(const schema::FilePath& file,
                                                   schema::Context& context) {
  if (context.scope() != nullptr) context.scope()->files.insert(file.resolved);
  std::ifstream in(file.resolved, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return std::unexpected("cannot read " + file.resolved);
  return content;
}

std::expected<jose::KeySet, std::string> one_key(std::expected<jose::Key, std::string> key) {
  if (!key) return std::unexpected(std::move(key.error()));
  std::vector<jose::Key> keys;
  keys.push_back(std::move(*key));
  return jose::KeySet::of(std::move(keys));
}

std::expected<jose::KeySet, std::string> keys_of(const KeySettings& settings,
                                                 schema::Context& context) {
  if (settings.secret) return one_key(jose::Key::from_secret(settings.secret->reveal(), ""));
  if (settings.inline_jwks) return jose::KeySet::from_jwks(*settings.inline_jwks);
  auto content = content_of(settings.jwks ? *settings.jwks : *settings.pem, context);
  if (!content) return std::unexpected(std::move(content.error()));
  if (settings.jwks) return jose::KeySet::from_jwks(*content);
  return one_key(jose::Key::from_pem(*content, ""));
}

class Jwt final : public Method {
 public:
  Jwt(const JwtSettings& settings, std::shared_ptr<KeySource> source)
      : source_(std::move(source)),
        place_(settings.from),
        consumer_(ClaimPath::dotted(settings.claims.consumer)),
        roles_(ClaimPath::dotted(settings.claims.roles)),
        groups_(ClaimPath::dotted(settings.claims.groups)),
        forward_(settings.forward) {
    expected_.issuers = settings.issuer;
    expected_.audiences = settings.audience;
    expected_.types = settings.types;
    expected_.required_claims = settings.required_claims;
    expected_.leeway = std::chrono::ceil<std::chrono::seconds>(settings.leeway);
    if (!settings.algorithms.empty()) {
      expected_.algorithms = {};
      for (const std::string& name : settings.algorithms) {
        if (auto algorithm = jose::algorithm_named(name)) expected_.algorithms.insert(*algorithm);
      }
    }
  }

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const CredentialPlace::Found found = place_.find(x);
    if (found.ambiguous) return Attempt(Refused{"there are several credentials in one request"});
    if (found.text.empty()) return Attempt(Absent{});
    const jose::Time now = time_now();
    auto proven = cache_.find(found.text, now, source_->generation(now));
    if (proven != nullptr) return Attempt(identity_of(std::move(proven)));
    return verified(found.text);
  }

  void remove_credential(Exchange& x) const override {
    if (!forward_) place_.remove(x);
  }
  [[nodiscard]] std::vector<Challenge> challenges() const override {
    return {{.scheme = "Bearer", .error = "invalid_token"}};
  }

 private:
  // With keys that may have to be fetched first; and once more where the token names one that is
  // new.
  [[nodiscard]] Task<Attempt> verified(std::string_view text) const {
    for (bool fetched = false;;) {
      const jose::Time now = time_now();
      const std::uint64_t generation = source_->generation(now);
      const std::shared_ptr<const jose::KeySet> keys = source_->keys();
      if (keys != nullptr) {
        auto token = jose::verify(text, *keys, expected_, now);
        if (token) {
          std::shared_ptr<const Proven> proven = read(std::move(*token), generation);
          cache_.put(text, proven);
          co_return identity_of(std::move(proven));
        }
        if (fetched || token.error().code != jose::FailureCode::unknown_key) {
          co_return Refused{std::string(jose::name_of(token.error().code)) + ": " +
                            token.error().sentence};
        }
      } else if (fetched) {
        co_return Unavailable{"the keys of the issuer could not be fetched"};
      }
      const bool anew = co_await source_->fetched_anew();
      fetched = true;
      if (!anew && keys != nullptr) {
        co_return Refused{"unknown_key: no key is known by the id that the token names"};
      }
    }
  }

  [[nodiscard]] static Identity identity_of(std::shared_ptr<const Proven> proven) {
    Identity identity = proven->identity;
    identity.owner = std::move(proven);
    return identity;
  }

  [[nodiscard]] std::shared_ptr<const Proven> read(jose::Token token,
                                                   std::uint64_t generation) const {
    auto proven = std::make_shared<Proven>(std::move(token));
    const json::Value claims = proven->token.claims();
    proven->scopes = proven->token.scopes();
    proven->roles = words_of(roles_.find(claims));
    proven->groups = words_of(groups_.find(claims));
    proven->generation = generation;
    proven->good_until = *proven->token.expires_at() + expected_.leeway;
    std::string_view client = text_of(claims.find("client_id"));
    proven->identity = {.method = "jwt",
                        .consumer = text_of(consumer_.find(claims)),
                        .subject = proven->token.subject().value_or(""),
                        .issuer = proven->token.issuer().value_or(""),
                        .client = client.empty() ? text_of(claims.find("azp")) : client,
                        .strength = Strength::token,
                        .scopes = proven->scopes,
                        .roles = proven->roles,
                        .groups = proven->groups,
                        .claims = claims,
                        .owner = nullptr};
    return proven;
  }

  const std::shared_ptr<KeySource> source_;
  jose::Expectations expected_;
  const CredentialPlace place_;
  const ClaimPath consumer_, roles_, groups_;
  const bool forward_;
  mutable TokenCache cache_;
};

// Null: what they were fetched from may not be asked, and the context heard why.
std::shared_ptr<KeySource> source_of(const schema::Marked<JwtSettings>& settings,
                                     schema::Context& context) {
  const std::optional<schema::Marked<KeySettings>>& given = settings.value.keys;
  const KeySettings from = given ? given->value : KeySettings{};
  KeyServer server{.jwks_url = from.url.value_or(""),
                   .issuer = {},
                   .ca_file = from.ca ? from.ca->resolved : "",
                   .refresh = from.refresh};
  if (from.url) return KeySource::of(server);
  const schema::Where& where = given ? given->where : settings.where;
  if (!from.jwks && !from.pem && !from.secret && !from.inline_jwks) {
    server.issuer = settings.value.issuer.front();
    if (settings.value.issuer.size() == 1 && http::may_be_fetched(server.issuer)) {
      return KeySource::of(server);
    }
    context.diagnostics().error(where, "names no keys, and they cannot be found by the issuer",
                                "Give `keys`, or one issuer that begins with https://.",
                                schema::code::kMissingKey);
    return nullptr;
  }
  auto keys = keys_of(from, context);
  if (!keys) {
    context.diagnostics().error(where, "names no key that can be used: " + keys.error(),
                                "Give a JWK Set, a public key, a certificate or a secret that is "
                                "long enough.",
                                schema::code::kInvalidValue);
    return nullptr;
  }
  for (const std::string& skipped : keys->skipped()) {
    context.diagnostics().warning(where, "a key is left out: " + skipped, {},
                                  schema::code::kInvalidValue);
  }
  return std::make_shared<KeySource>(std::move(*keys));
}

}  // namespace

std::unique_ptr<const Method> make_jwt(const schema::Marked<JwtSettings>& settings,
                                       schema::Context& context) {
  std::shared_ptr<KeySource> source = source_of(settings, context);
  if (source == nullptr) return nullptr;
  return std::make_unique<Jwt>(settings.value, std::move(source));
}

}  // namespace sallyport::policies::authenticate_detail
