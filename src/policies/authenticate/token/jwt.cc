#include "policies/authenticate/token/jwt.h"

#include <algorithm>
#include <chrono>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "http/fetch.h"
#include "issuers/key_source.h"
#include "jose/token.h"
#include "policies/authenticate/proof/claimed.h"
#include "policies/authenticate/proof/credential.h"
#include "policies/authenticate/proof/key_file.h"
#include "policies/authenticate/token/token_cache.h"
#include "policies/authenticate/token/verify_token.h"

namespace sallyport::policies::authenticate_detail {
namespace {

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

std::vector<std::string_view> schemes_of(Dpop dpop) {
  if (dpop == Dpop::off) return {"Bearer"};
  return {"Bearer", kDpopHeader};
}

class Jwt final : public Method {
 public:
  // `own_issuer`: whose tokens are this gateway's; empty: nobody's.
  Jwt(const JwtSettings& settings, std::shared_ptr<KeySource> source, std::string own_issuer)
      : source_(std::move(source)),
        own_issuer_(std::move(own_issuer)),
        place_(settings.from, schemes_of(settings.dpop)),
        bound_(settings.bound),
        dpop_(settings.dpop),
        proofs_{.lifetime = std::chrono::ceil<std::chrono::seconds>(settings.dpop_lifetime),
                .nonces = settings.dpop_nonce == DpopNonce::required ? &nonces_ : nullptr},
        claims_(settings.claims),
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
    if (auto refused = place_.cross_site(x)) return Attempt(*std::move(refused));
    const jose::Time now = time_now();
    auto proven = cache_.find(found.text, now, source_->generation(now));
    if (proven != nullptr) return held(x, found, std::move(proven));
    return verified(x, found);
  }

  void remove_credential(Exchange& x) const override {
    if (forward_) return;
    place_.remove(x);
    if (dpop_ != Dpop::off) x.request.headers.remove(kDpopHeader);
  }
  [[nodiscard]] const CredentialPlace* place() const override { return &place_; }
  [[nodiscard]] bool forwards() const override { return forward_; }
  [[nodiscard]] bool completes() const override { return proofs_.nonces != nullptr; }
  void complete(Exchange& x) const override { nonces_.complete(x); }
  [[nodiscard]] std::vector<Challenge> challenges() const override {
    std::vector<Challenge> all;
    if (dpop_ != Dpop::required) all.push_back({.scheme = "Bearer", .error = "invalid_token"});
    if (dpop_ != Dpop::off) {
      all.push_back({.scheme = "DPoP",
                     .parameters = "algs=\"" + std::string(kDpopAlgorithms) + '"',
                     .error = "invalid_token"});
    }
    return all;
  }
  [[nodiscard]] std::vector<std::string> issuers() const override { return expected_.issuers; }

 private:
  [[nodiscard]] Task<Attempt> verified(Exchange& x, CredentialPlace::Found found) const {
    Task<Verification> verifying = verify_token(*source_, found.text, expected_);
    Verification verification = co_await verifying;
    if (auto* why = std::get_if<Refused>(&verification)) {
      co_return refused(found, std::move(why->why));
    }
    if (auto* missing = std::get_if<Unavailable>(&verification)) co_return std::move(*missing);
    auto& good = std::get<Verified>(verification);
    std::shared_ptr<const Proven> proven = read(std::move(good.token), good.generation);
    if (proven == nullptr) co_return refused(found, "its binding (cnf) is not understood");
    cache_.put(found.text, proven);
    co_return held(x, found, std::move(proven));
  }

  // In the scheme that was used, if any was.
  [[nodiscard]] static Refused refused(const CredentialPlace::Found& found, std::string why) {
    return {.why = std::move(why), .scheme = found.scheme};
  }

  // The identity, if whoever sent the token is the one it is bound to.
  [[nodiscard]] Attempt held(Exchange& x, const CredentialPlace::Found& found,
                             std::shared_ptr<const Proven> proven) const {
    const Binding& binding = proven->binding;
    Identity identity = proven->identity;
    if (!binding.certificate.empty()) {
      if (binding.certificate != x.tls.client_fingerprint) {
        return refused(found, "the token is bound to another certificate than the connection's");
      }
      identity.strength = Strength::bound;
    } else if (bound_ == Bound::certificate) {
      return refused(found, "the token is not bound to a certificate");
    }
    const bool with_proof = found.scheme == kDpopHeader;
    if (with_proof != !binding.key.empty() || (dpop_ == Dpop::required && !with_proof)) {
      return refused(found, with_proof ? "the token is not bound to a key, but sent as if"
                                       : "the token is not sent with DPoP, as its binding to a key "
                                         "or the configuration wants it");
    }
    if (with_proof) {
      Possession possession = possession_of(binding.key, found.text, x, proofs_, time_now());
      if (auto* why = std::get_if<Refused>(&possession)) return std::move(*why);
      if (auto* why = std::get_if<Unavailable>(&possession)) return std::move(*why);
      identity.strength = Strength::bound;
      identity.scheme = kDpopHeader;
    }
    if (proven->own) {
      const std::string_view why = take_own_token(*proven->own, x, identity);
      if (!why.empty()) return refused(found, std::string(why));
    }
    identity.owner = std::move(proven);
    return identity;
  }

  // Null: what it is bound to cannot be checked.
  [[nodiscard]] std::shared_ptr<const Proven> read(jose::Token token,
                                                   std::uint64_t generation) const {
    std::optional<Binding> binding = binding_of(token.claims());
    if (!binding) return nullptr;
    auto proven = std::make_shared<Proven>(std::move(token));
    proven->binding = std::move(*binding);
    proven->generation = generation;
    const jose::Time always = jose::Time::min() + expected_.leeway;
    proven->good_from = std::max(proven->token.not_before().value_or(always),
                                 proven->token.issued_at().value_or(always)) -
                        expected_.leeway;
    proven->good_until = *proven->token.expires_at() + expected_.leeway;
    claims_.read(proven->token.claims(), *proven);
    proven->identity.method = "jwt";
    if (!own_issuer_.empty() && proven->identity.issuer == own_issuer_) {
      proven->own = own_token_of(proven->token);
    }
    return proven;
  }

  const std::shared_ptr<KeySource> source_;
  const std::string own_issuer_;
  jose::Expectations expected_;
  const CredentialPlace place_;
  const std::optional<Bound> bound_;
  const Dpop dpop_;
  const DpopNonces nonces_;
  const ProofRules proofs_;
  const ClaimMap claims_;
  const bool forward_;
  mutable TokenCache cache_;
};

std::string own_issuer_of(schema::Context& context) {
  return context.scope() == nullptr ? "" : context.scope()->own_issuer;
}

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
    if (settings.value.issuer.size() == 1 && server.issuer == own_issuer_of(context)) {
      return std::make_shared<KeySource>(IssuerKeys::of(server.issuer));
    }
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
  if (settings.value.dpop_nonce == DpopNonce::required && settings.value.dpop == Dpop::off) {
    context.diagnostics().error(settings.where, "has `dpop_nonce`, but takes no proofs",
                                "Give `dpop: required`, or `allowed`.", schema::code::kConflict);
    return nullptr;
  }
  std::shared_ptr<KeySource> source = source_of(settings, context);
  if (source == nullptr) return nullptr;
  return std::make_unique<Jwt>(settings.value, std::move(source), own_issuer_of(context));
}

}  // namespace sallyport::policies::authenticate_detail
