#include "policies/authenticate/login/login_client.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <utility>

#include "async/digest.h"
#include "base/base64url.h"
#include "base/clock.h"
#include "policies/authenticate/proof/form.h"
#include "policies/authenticate/proof/replay_memory.h"
#include "policies/authenticate/token/jwt_settings.h"
#include "policies/authenticate/token/verify_token.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::int64_t kMinute = 60'000;

// Half of the hash that the algorithm of the token's signature has (OpenID Connect Core 3.1.3.6).
std::string at_hash_of(std::string_view access_token, jose::Algorithm algorithm) {
  using Kind = async::Digest::Kind;
  const std::size_t size = jose::hash_size(algorithm);
  async::Digest digest(size == 32 ? Kind::sha256 : size == 48 ? Kind::sha384 : Kind::sha512);
  digest.update(std::as_bytes(std::span(access_token)));
  const std::string hash = digest.finish();
  return base64url_encode(std::string_view(hash).substr(0, hash.size() / 2));
}

jose::Expectations id_token_of(const OidcLoginSettings& settings) {
  jose::Expectations expected;
  expected.issuers = {settings.issuer};
  expected.audiences = {settings.client_id};
  expected.types = {"JWT"};
  expected.required_claims = {"sub", "iat"};
  expected.leeway = std::chrono::ceil<std::chrono::seconds>(settings.leeway);
  return expected;
}

}  // namespace

LoginClient::LoginClient(const OidcLoginSettings& settings, std::unique_ptr<const Service> service)
    : issuer_(settings.issuer),
      client_id_(settings.client_id),
      callback_(settings.callback),
      after_logout_(settings.after_logout.value_or(settings.logout)),
      lifetime_(settings.cookie.lifetime.count()),
      source_(KeySource::of({.jwks_url = {},
                             .issuer = settings.issuer,
                             .ca_file = settings.ca ? settings.ca->resolved : "",
                             .refresh = KeySettings{}.refresh})),
      tokens_(std::move(service), settings.client_id,
              settings.client_secret ? settings.client_secret->reveal() : ""),
      id_token_(id_token_of(settings)),
      logout_tokens_(id_token_, issuer_, client_id_, lifetime_, source_) {}

std::unique_ptr<const LoginClient> LoginClient::make(
    const schema::Marked<OidcLoginSettings>& settings, schema::Context& context) {
  const OidcLoginSettings& given = settings.value;
  auto service =
      Service::make({.value = {.url = given.issuer, .timeout = given.timeout, .ca = given.ca},
                     .where = settings.where},
                    context);
  if (service == nullptr) return nullptr;
  return std::unique_ptr<const LoginClient>(new LoginClient(given, std::move(service)));
}

Task<std::shared_ptr<const Provider>> LoginClient::provider() const {
  (void)source_->generation(time_now());  // has it fetched again when it is time
  std::shared_ptr<const Provider> provider = source_->provider();
  if (provider == nullptr) {
    Task<bool> fetching = source_->fetched_anew();
    (void)co_await fetching;
    provider = source_->provider();
  }
  const bool complete = provider != nullptr && !provider->authorization_endpoint.empty() &&
                        !provider->token_endpoint.empty();
  if (!complete) provider = nullptr;
  co_return provider;
}

std::string LoginClient::authorization_url(const Provider& provider,
                                           const BegunLogin& login) const {
  std::string url = provider.authorization_endpoint;
  if (!url.contains('?')) url += '?';
  append_parameter(url, "response_type", "code");
  append_parameter(url, "client_id", client_id_);
  append_parameter(url, "redirect_uri", login.origin + callback_);
  append_parameter(url, "scope", login.terms.scopes);
  append_parameter(url, "state", login.state());
  append_parameter(url, "nonce", login.nonce());
  append_parameter(url, "code_challenge", base64url_encode(async::sha256_bytes(login.verifier())));
  append_parameter(url, "code_challenge_method", "S256");
  if (!login.terms.prompts.empty()) append_parameter(url, "prompt", login.terms.prompts);
  return url;
}

std::string LoginClient::logout_url(const Provider& provider, const LoginSession& session,
                                    const std::string& origin) const {
  std::string url = provider.end_session_endpoint;
  if (url.empty()) return url;
  if (!url.contains('?')) url += '?';
  append_parameter(url, "id_token_hint", session.id_token);
  append_parameter(url, "client_id", client_id_);
  append_parameter(url, "post_logout_redirect_uri", origin + after_logout_);
  return url;
}

std::string LoginClient::fault_of(const jose::Token& token, const Tokens& tokens) const {
  const json::Value claims = token.claims();
  const std::optional<json::Value> azp = claims.find("azp");
  if (azp && azp->string() != client_id_) return "the ID token is meant for another party (azp)";
  if (!azp && token.audiences().size() > 1) return "the ID token is meant for several (no azp)";
  const std::optional<json::Value> hash = claims.find("at_hash");
  if (hash && hash->string() != at_hash_of(tokens.access_token, token.algorithm())) {
    return "the ID token belongs to another access token (at_hash)";
  }
  return {};
}

Task<Verification> LoginClient::verified(const Tokens& tokens) const {
  Task<Verification> verifying = verify_token(*source_, tokens.id_token, id_token_);
  Verification verification = co_await verifying;
  if (auto* refused = std::get_if<Refused>(&verification)) {
    refused->why.insert(0, "ID token: ");
  } else if (auto* good = std::get_if<Verified>(&verification)) {
    if (std::string fault = fault_of(good->token, tokens); !fault.empty()) {
      verification = Refused{std::move(fault)};
    }
  }
  co_return verification;
}

void LoginClient::put(const Tokens& tokens, const jose::Token* id_token,
                      LoginSession& session) const {
  const std::int64_t now = wall_milliseconds();
  session.seen = now;
  if (id_token != nullptr) session.id_token = tokens.id_token;
  if (!tokens.refresh_token.empty()) session.refresh_token = tokens.refresh_token;
  if (!tokens.scope.empty()) session.scope = tokens.scope;
  std::int64_t lasts = 5 * kMinute;
  if (tokens.expires_in > 0) {
    lasts = std::min(tokens.expires_in, lifetime_ / 1000) * 1000;
  } else if (id_token != nullptr) {
    lasts = std::clamp(id_token->expires_at()->time_since_epoch().count() - now, std::int64_t{1000},
                       std::max(lifetime_, std::int64_t{1000}));
  }
  session.expires = now + lasts;
  session.renew = session.expires - std::min(kMinute, lasts / 5);
}

Task<LoginClient::NewSession> LoginClient::logged_in(Exchange& x, const BegunLogin& login,
                                                     std::string_view query) const {
  const std::optional<Form> form = Form::parse(query);
  if (!form) co_return Refused{"the query of the callback is malformed"};
  Task<std::shared_ptr<const Provider>> finding = provider();
  const std::shared_ptr<const Provider> provider = co_await finding;
  if (provider == nullptr) co_return Unavailable{"the OpenID Provider cannot be asked"};
  const std::string_view iss = form->get("iss");
  if (iss.empty() ? provider->names_itself : iss != issuer_) {
    co_return Refused{"the callback is not the provider's (iss " + jose::quoted(iss) + ")"};
  }
  if (!form->get("error").empty()) {
    co_return Refused{"the provider answers " + jose::quoted(form->get("error"))};
  }
  if (form->get("code").empty()) co_return Refused{"the callback brings no code"};
  std::string grant;
  append_parameter(grant, "grant_type", "authorization_code");
  append_parameter(grant, "code", form->get("code"));
  append_parameter(grant, "redirect_uri", login.origin + callback_);
  append_parameter(grant, "code_verifier", login.verifier());
  Task<std::expected<Tokens, NoTokens>> asking = tokens_.ask(x, *provider, std::move(grant));
  auto tokens = co_await asking;
  if (!tokens && tokens.error().refused) co_return Refused{std::move(tokens.error().why)};
  if (!tokens) co_return Unavailable{std::move(tokens.error().why)};
  Task<Verification> verifying = verified(*tokens);
  Verification verification = co_await verifying;
  if (auto* refused = std::get_if<Refused>(&verification)) co_return std::move(*refused);
  if (auto* missing = std::get_if<Unavailable>(&verification)) co_return std::move(*missing);
  const jose::Token& token = std::get<Verified>(verification).token;
  if (token.claims().text("nonce") != login.nonce()) {
    co_return Refused{"the ID token answers another login (nonce)"};
  }
  // Only now: what no provider has vouched for must not take up room that others need.
  const std::int64_t seconds = wall_milliseconds() / 1000;
  const auto answer =
      ReplayMemory::of_process().remember(x, "oidc_login", client_id_, login.secret, seconds,
                                          seconds + BegunLogin::kLifetime / 1000 + 60);
  if (answer == ReplayMemory::Answer::seen) co_return Refused{"the callback was used before"};
  if (answer == ReplayMemory::Answer::full) {
    co_return Unavailable{"more logins are under way than can be remembered against replay"};
  }
  LoginSession session;
  session.id = random_text(16);
  session.started = wall_milliseconds();
  session.scope = login.terms.scopes;
  session.asked = login.terms;
  put(*tokens, &token, session);
  co_return session;
}

Task<LoginClient::NewSession> LoginClient::renewed(Exchange& x, const LoginSession& old) const {
  Task<std::shared_ptr<const Provider>> finding = provider();
  const std::shared_ptr<const Provider> provider = co_await finding;
  if (provider == nullptr) co_return Unavailable{"the OpenID Provider cannot be asked"};
  std::string grant;
  append_parameter(grant, "grant_type", "refresh_token");
  append_parameter(grant, "refresh_token", old.refresh_token);
  Task<std::expected<Tokens, NoTokens>> asking = tokens_.ask(x, *provider, std::move(grant));
  auto tokens = co_await asking;
  if (!tokens && tokens.error().refused) co_return Refused{std::move(tokens.error().why)};
  if (!tokens) co_return Unavailable{std::move(tokens.error().why)};
  LoginSession session = old;
  ++session.renewals;
  if (tokens->id_token.empty()) {  // it need not be there (OpenID Connect Core 1.0 section 12.2)
    put(*tokens, nullptr, session);
    co_return session;
  }
  Task<Verification> verifying = verified(*tokens);
  Verification verification = co_await verifying;
  if (auto* refused = std::get_if<Refused>(&verification)) co_return std::move(*refused);
  if (auto* missing = std::get_if<Unavailable>(&verification)) co_return std::move(*missing);
  const jose::Token& token = std::get<Verified>(verification).token;
  put(*tokens, &token, session);
  co_return session;
}

}  // namespace sallyport::policies::authenticate_detail
