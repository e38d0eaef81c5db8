// See service.h.
#include "token_service/service.h"

#include <algorithm>
#include <utility>

#include "async/in_background.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "jose/token.h"
#include "store/in_store.h"
#include "token_service/access_token.h"
#include "token_service/metadata.h"
#include "token_service/scope.h"
#include "token_service/threads.h"

namespace sallyport::token_service {
namespace {

// Verifiers allow for clocks that differ; a revocation outlasts that.
constexpr std::int64_t kLongestLeeway = 5LL * 60 * 1000;
// Work that may wait for the store before more is refused.
constexpr std::size_t kMostWaiting = 1000;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kNotNow = "The token service cannot do this now. Try again later.";

bool is_form(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return text::equals_ignoring_case(text::trim(type), kForm);
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // bytes as text
}

// RSA takes a millisecond, which other requests of the worker would wait.
bool is_slow(jose::Algorithm algorithm) {
  const jose::Family family = jose::family_of(algorithm);
  return family == jose::Family::rsa_pkcs1 || family == jose::Family::rsa_pss;
}

}  // namespace

Service::Service(Settings settings)
    : settings_(std::move(settings)),
      places_(settings_),
      metadata_(metadata_of(settings_, places_)) {}

std::expected<void, std::string> Service::start(store::Store& store, Record record) {
  store_ = &store;
  record_ = std::move(record);
  authentication_ = std::make_unique<ClientAuthentication>(
      std::vector{settings_.issuer, places_.url(places_.token)},
      settings_.audit_failures ? record_ : Record());
  keeper_ = std::make_shared<KeyKeeper>(settings_, store, record_);
  keeper_->look();
  auto ready = keeper_->wait();
  if (!ready) keeper_->stop();
  return ready;
}

void Service::stop() const {
  if (keeper_ != nullptr) keeper_->stop();
}

std::shared_ptr<const PublishedKeys> Service::keys() const {
  return keeper_ == nullptr ? nullptr : keeper_->published();
}

Answer<Service::Asked> Service::read(const Exchange& x) const {
  if (keys() == nullptr || x.callers == nullptr) {
    return refuse(kUnavailable, kNotNow, "there are no signing keys");
  }
  // Whoever sees the secret on the way has it. Behind a proxy that is trusted the way is its
  // affair.
  if (places_.issuer.secure && !x.tls.on && !x.peer_trusted) {
    return refuse(kInvalidRequest, "Use https.", "a request without TLS, not from a trusted proxy");
  }
  if (!x.request.query.empty()) {
    return refuse(kInvalidRequest, "Parameters belong into the body, not into the URL.");
  }
  std::size_t types = 0;
  for (const http::Field& field : x.request.headers) {
    if (!field.removed && field.id == http::HeaderId::content_type) ++types;
  }
  if (types != 1 || !is_form(x.request.headers.get(http::HeaderId::content_type)) ||
      http::is_compressed(x.request.headers)) {
    return refuse(kInvalidRequest, "The body has to be application/x-www-form-urlencoded.");
  }
  auto form = Form::parse(text_of(x.request_body));
  if (!form) return refuse(kInvalidRequest, form.error());
  Answer<AuthenticatedClient> client = authentication_->check(x, *form);
  if (!client) return std::unexpected(std::move(client.error()));
  return Asked{.form = std::move(*form), .client = std::move(*client)};
}

// RFC 8707; `audience` is what others call it.
Answer<std::string_view> Service::audience_of(const Form& form) const {
  const std::string_view resource = form.get("resource");
  const std::string_view audience = form.get("audience");
  if (!resource.empty() && !audience.empty() && resource != audience) {
    return refuse(kInvalidTarget, "A token is for one resource.");
  }
  const std::string_view wanted = resource.empty() ? audience : resource;
  if (wanted.empty()) return settings_.audiences.front();
  const auto known = std::ranges::find(settings_.audiences, wanted);
  if (known == settings_.audiences.end()) {
    return refuse(kInvalidTarget, "Tokens are not issued for that resource.",
                  "resource " + jose::quoted(wanted));
  }
  return *known;
}

Task<Answer<std::string>> Service::issue(Exchange& x) const {
  Answer<Asked> asked = read(x);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  const std::string_view grant = asked->form.get("grant_type");
  if (grant.empty()) co_return refuse(kInvalidRequest, "grant_type is missing.");
  if (grant != "client_credentials") {
    co_return refuse(kUnsupportedGrant, "Only client_credentials is supported.");
  }
  const store::Client& client = *asked->client.client;
  const auto scope = granted_scope(asked->form.get("scope"), client.scopes);
  if (!scope) {
    co_return refuse(kInvalidScope,
                     scope.error() == ScopeFault::malformed ? "The scope is malformed."
                                                            : "The client may not have that scope.",
                     "client " + jose::quoted(client.id));
  }
  const Answer<std::string_view> audience = audience_of(asked->form);
  if (!audience) co_return std::unexpected(audience.error());

  const std::int64_t lifetime =
      std::min<std::int64_t>(client.grant_seconds, settings_.lifetime.count());
  const std::int64_t now = wall_milliseconds() / 1000;
  Task<Answer<std::string>> signing = signed_token(claims_of({.issuer = settings_.issuer,
                                                              .audience = *audience,
                                                              .client = client.id,
                                                              .scope = *scope,
                                                              .issued = now,
                                                              .expires = now + lifetime,
                                                              .id = random_token_id()}));
  Answer<std::string> token = co_await signing;
  if (!token) co_return token;
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .string("access_token", *token)
      .string("token_type", "Bearer")
      .number("expires_in", lifetime);
  if (!scope->empty()) json.string("scope", *scope);
  json.end_object();
  co_return text;
}

Task<Answer<std::string>> Service::signed_token(std::string claims) const {
  std::shared_ptr<const PublishedKeys> keys = keeper_->published();
  const bool slow = is_slow(keys->algorithm);
  std::move_only_function<std::expected<std::string, std::string>()> work =
      [keys = std::move(keys), claims = std::move(claims)] {
        return jose::sign_compact(*keys->signer, keys->algorithm, kTokenType, claims);
      };
  std::expected<std::string, std::string> token;
  if (slow) {
    auto waiting = async::in_background(threads(), std::move(work));
    token = co_await waiting;
  } else {
    token = work();
  }
  if (!token) co_return refuse(kUnavailable, kNotNow, token.error());
  co_return std::move(*token);
}

// RFC 7009. A token that is not good is none, and its client is told nothing about it.
Task<Answer<std::string>> Service::revoke(Exchange& x) const {
  Answer<Asked> asked = read(x);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  const std::string_view text = asked->form.get("token");
  if (text.empty()) co_return refuse(kInvalidRequest, "token is missing.");
  const std::shared_ptr<const jose::KeySet> keys = keeper_->verifying().keys();
  const std::int64_t now = wall_milliseconds();
  jose::Expectations expected;
  expected.issuers = {settings_.issuer};
  expected.any_audience = true;
  expected.types = {std::string(kTokenType)};
  expected.type_required = true;
  expected.required_claims = {"jti", "client_id"};
  auto token = jose::verify(text, *keys, expected, jose::Time(std::chrono::milliseconds(now)));
  if (!token) co_return std::string();
  const store::Client& client = *asked->client.client;
  if (token->claims().text("client_id") != client.id) {
    co_return refuse(kUnauthorizedClient, "The token belongs to another client.",
                     "client " + jose::quoted(client.id));
  }
  const std::string id(token->id().value_or(""));
  if (asked->client.callers->revocation(store::RevocationKind::token, id, now) != nullptr) {
    co_return std::string();
  }
  if (store_->health().waiting > kMostWaiting) {
    co_return refuse(kUnavailable, kNotNow, "too much waits for the store");
  }
  store::Revocation revocation{
      .kind = store::RevocationKind::token,
      .value = id,
      .until = token->expires_at()->time_since_epoch().count() + kLongestLeeway};
  auto work = [revocation = std::move(revocation)](store::Session& session) {
    return session.revocations.add(revocation);
  };
  Task<store::Outcome<store::Revocation>> adding = store::in_store(*store_, std::move(work));
  const store::Outcome<store::Revocation> added = co_await adding;
  if (!added) co_return refuse(kUnavailable, kNotNow, added.error().text);
  record_({.actor = "client/" + client.id,
           .action = "token.revoke",
           .object = "token/" + id,
           .detail = R"({"by":"revocation_endpoint"})"});
  co_return std::string();
}

}  // namespace sallyport::token_service
