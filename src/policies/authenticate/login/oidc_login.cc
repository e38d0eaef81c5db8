#include "policies/authenticate/login/oidc_login.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "policies/authenticate/login/cookie_keys.h"
#include "policies/authenticate/login/login_client.h"
#include "policies/authenticate/login/login_cookies.h"
#include "policies/authenticate/login/login_reply.h"
#include "policies/authenticate/login/login_sessions.h"
#include "policies/authenticate/login/same_origin.h"
#include "policies/authenticate/login/session_refresh.h"
#include "policies/authenticate/login/session_revocations.h"
#include "policies/authenticate/proof/client_uri.h"
#include "policies/authenticate/proof/form.h"
#include "policy/cookies.h"
#include "policy/own_cookies.h"
#include "policy/whole_body.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using namespace login_reasons;  // NOLINT(google-build-using-namespace): of this method

constexpr std::string_view kMethod = "oidc_login";
constexpr std::size_t kLongestReturn = 512;
constexpr std::size_t kLongestForm = std::size_t{32} << 10;

Answered failed(std::string why) { return {.reason = &kFailed, .why = "login: " + why}; }

// Path and query of the request, to come back to. Never the start of a host: it is put behind one.
std::string return_path_of(const Exchange& x) {
  std::string path(x.request.path);
  if (x.request.has_query && path.size() + x.request.query.size() < kLongestReturn) {
    path += '?';
    path += x.request.query;
  }
  const bool plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
  return plain && path.starts_with('/') && path.size() <= kLongestReturn ? path : "/";
}

class OidcLogin final : public Method {
 public:
  OidcLogin(OidcLoginSettings settings, std::unique_ptr<const LoginClient> client,
            std::optional<store::KeyRing> keys)
      : settings_(std::move(settings)),
        client_(std::move(client)),
        sessions_(settings_, std::move(keys), purpose_of(settings_)) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const LoginCookies::Found found = sessions_.cookies().find_session(x);
    if (found.pieces == 0) return Attempt(Absent{});
    if (found.malformed) return Attempt(Refused{"the session's cookies are not whole"});
    if (!sessions_.cookies().has_keys(x))
      return Attempt(Unavailable{"there are no keys for cookies"});
    Opened open = sessions_.open(x, found);
    if (open == nullptr) {
      return Attempt(Refused{"the session's cookie was altered, or sealed with another key"});
    }
    const std::int64_t now = wall_milliseconds();
    if (std::string fault = sessions_.fault_of(x, *open, now); !fault.empty()) {
      return Attempt(Refused{std::move(fault)});
    }
    if (needs_same_origin(x)) {
      std::string fault = cross_site_fault(x, settings_.trusted_origins);
      if (!fault.empty()) return Attempt(Refused{.why = std::move(fault), .reason = &kCrossSite});
    }
    const LoginSession& session = open->session();
    if (now >= session.renew && !session.refresh_token.empty()) {
      return renewed(x, std::move(open), found.pieces);
    }
    if (now >= session.expires) return Attempt(Refused{"the tokens of the session have expired"});
    if (now - session.seen > settings_.cookie.idle.count() / 8) {
      write(x, *SessionRefreshes::of_process().newest(open), found.pieces);
    }
    return Attempt(identity_of(std::move(open)));
  }

  void remove_credential(Exchange& x) const override {
    remove_cookies(x.request, x.arena,
                   [this](std::string_view name) { return sessions_.cookies().is_ours(name); });
  }

  [[nodiscard]] std::vector<OwnPath> own_paths() const override {
    const std::string served = "oidc_login " + purpose_of(settings_) + ' ' + settings_.cookie.name;
    std::vector<OwnPath> paths{
        {.path = settings_.callback, .methods = {"GET"}, .served = served},
        {.path = settings_.logout, .methods = {"GET", "POST"}, .served = served}};
    if (settings_.backchannel_logout) {
      paths.push_back(
          {.path = *settings_.backchannel_logout, .methods = {"POST"}, .served = served});
    }
    return paths;
  }

  [[nodiscard]] bool serves(const Exchange& x) const override {
    const std::string_view path = x.request.path;
    return path == settings_.callback || path == settings_.logout ||
           path == settings_.backchannel_logout;
  }

  [[nodiscard]] Task<Attempt> serve(Exchange& x) const override {
    if (!sessions_.cookies().has_keys(x))
      return Attempt(Unavailable{"there are no keys for cookies"});
    if (x.request.path == settings_.callback) return callback(x);
    if (x.request.path == settings_.logout) return logout(x);
    return backchannel_logout(x);
  }

  [[nodiscard]] Task<Attempt> invite(Exchange& x) const override {
    if (!is_navigation(x)) co_return Absent{};
    if (!client_uri(x).https) co_return Refused{"browsers can only log in over https"};
    if (!sessions_.cookies().has_keys(x)) co_return Unavailable{"there are no keys for cookies"};
    Task<std::shared_ptr<const Provider>> finding = client_->provider();
    const std::shared_ptr<const Provider> provider = co_await finding;
    if (provider == nullptr) co_return Unavailable{"the OpenID Provider cannot be asked"};
    const BegunLogin login{.secret = random_text(32),
                           .origin = origin_of(x),
                           .return_to = return_path_of(x),
                           .started = wall_milliseconds()};
    LoginReply& reply = x.slot<LoginReply>(this);
    reply.reason = &kLogin;
    reply.location = client_->authorization_url(*provider, login);
    reply.add(sessions_.cookies().login(x, login));
    co_return Answered{.reason = &kLogin};
  }

  [[nodiscard]] bool completes() const override { return true; }
  void complete(Exchange& x) const override {
    if (const LoginReply* reply = x.slot_if<LoginReply>(this)) return reply->write(x);
    // No cache between here and the browser can tell whose answer it is, nor could the upstream.
    const bool own = x.identity && x.identity->method == kMethod;
    http::Headers& headers = x.response.headers;
    if (own && headers.find(http::HeaderId::cache_control) == nullptr) {
      headers.add(http::HeaderId::cache_control, "private");
    }
  }

 private:
  static std::string purpose_of(const OidcLoginSettings& settings) {
    return "oidc_login " + settings.issuer + ' ' + settings.client_id;
  }

  [[nodiscard]] static Identity identity_of(Opened open) {
    Identity identity = open->identity();
    identity.owner = std::move(open);
    return identity;
  }

  // Has the browser keep the session as it is now. False: it does not fit into cookies.
  bool write(Exchange& x, const OpenSession& open, std::size_t pieces) const {
    auto cookies = sessions_.kept(x, open.session(), pieces);
    if (cookies) x.slot<LoginReply>(this).add(std::move(*cookies));
    return cookies.has_value();
  }

  [[nodiscard]] Task<Attempt> renewed(Exchange& x, Opened open, std::size_t pieces) const {
    auto work = [this, &x, open]() { return refreshed(x, open); };
    Task<Refreshed> waiting = SessionRefreshes::of_process().refreshed(open, std::move(work));
    Refreshed result = co_await waiting;
    const std::int64_t now = wall_milliseconds();
    if (result.session != nullptr) {
      // Another API, which reads other claims, may have refreshed it.
      Opened mine = sessions_.open(result.session->session());
      if (mine == nullptr) co_return Refused{"the refreshed session says not who it is"};
      // Meanwhile it may have been ended.
      std::string fault = sessions_.fault_of(x, *mine, now);
      if (fault.empty() && !write(x, *mine, pieces)) {
        fault = "the refreshed session does not fit into cookies";
      }
      if (!fault.empty()) co_return Refused{std::move(fault)};
      co_return identity_of(std::move(mine));
    }
    if (!result.over && now < open->session().expires) {
      if (std::string fault = sessions_.fault_of(x, *open, now); !fault.empty()) {
        co_return Refused{std::move(fault)};
      }
      co_return identity_of(std::move(open));
    }
    if (!result.over) co_return Unavailable{"the session cannot be refreshed: " + result.why};
    x.slot<LoginReply>(this).add(sessions_.cookies().no_session(pieces));
    co_return Refused{"the session is over: " + result.why};
  }

  [[nodiscard]] Task<Refreshed> refreshed(Exchange& x, Opened open) const {
    Task<LoginClient::NewSession> renewing = client_->renewed(x, open->session());
    LoginClient::NewSession renewed = co_await renewing;
    if (auto* over = std::get_if<Refused>(&renewed)) {
      co_return Refreshed{.session = nullptr, .over = true, .why = std::move(over->why)};
    }
    if (auto* missing = std::get_if<Unavailable>(&renewed)) {
      co_return Refreshed{.session = nullptr, .over = false, .why = std::move(missing->why)};
    }
    Opened anew = sessions_.open(std::get<LoginSession>(renewed));
    if (anew == nullptr || anew->identity().subject != open->identity().subject) {
      co_return Refreshed{
          .session = nullptr, .over = true, .why = "its new ID token is somebody else's"};
    }
    co_return Refreshed{.session = std::move(anew), .over = false, .why = {}};
  }

  [[nodiscard]] Task<Attempt> callback(Exchange& x) const {
    const std::optional<Form> form = Form::parse(x.request.query);
    const std::string_view state = form ? form->get("state") : std::string_view();
    const std::optional<BegunLogin> login = sessions_.cookies().find_login(x, state);
    if (!login) co_return failed("this browser has not begun it, or too long ago (state)");
    LoginReply& reply = x.slot<LoginReply>(this);
    reply.cookies.push_back(sessions_.cookies().no_login(state));
    if (login->origin != origin_of(x)) co_return failed("it was begun at another host");
    Task<LoginClient::NewSession> asking = client_->logged_in(x, *login, x.request.query);
    LoginClient::NewSession made = co_await asking;
    if (auto* refused = std::get_if<Refused>(&made)) co_return failed(refused->why);
    if (auto* missing = std::get_if<Unavailable>(&made)) co_return std::move(*missing);
    auto cookies =
        sessions_.kept(x, std::get<LoginSession>(made), sessions_.cookies().find_session(x).pieces);
    if (!cookies) co_return failed("the session does not fit into cookies; ask for fewer claims");
    reply.add(std::move(*cookies));
    reply.reason = &kLoggedIn;
    const std::string url = login->origin + login->return_to;
    if (settings_.cookie.same_site == SameSite::strict) {
      reply.lead_by_page(url);
    } else {
      reply.location = url;
    }
    co_return Answered{.reason = &kLoggedIn};
  }

  [[nodiscard]] Task<Attempt> logout(Exchange& x) const {
    const LoginCookies::Found found = sessions_.cookies().find_session(x);
    const Opened open = found.sealed.empty() ? nullptr : sessions_.open(x, found);
    LoginReply& reply = x.slot<LoginReply>(this);
    if (open == nullptr || !sessions_.fault_of(x, *open, wall_milliseconds()).empty()) {
      if (found.pieces > 0) reply.add(sessions_.cookies().no_session(found.pieces));
      reply.reason = &kLoggedOut;
      reply.page = std::string(kLoggedOut.title) + '\n';
      co_return Answered{.reason = &kLoggedOut};
    }
    if (std::string fault = cross_site_fault(x, settings_.trusted_origins); !fault.empty()) {
      co_return Refused{.why = std::move(fault), .reason = &kCrossSite};
    }
    const LoginSession session = SessionRefreshes::of_process().newest(open)->session();
    Task<bool> ending = SessionRevocations::of_process().revoke(
        x, {.kind = SessionRevocations::Kind::one,
            .name = open->names().session,
            .until = session.started + settings_.cookie.lifetime.count()});
    const bool written = co_await ending;
    if (!written) co_return Unavailable{"the logout cannot be written down"};
    reply.add(sessions_.cookies().no_session(found.pieces));
    Task<std::shared_ptr<const Provider>> finding = client_->provider();
    const std::shared_ptr<const Provider> provider = co_await finding;
    const std::string origin = origin_of(x);
    if (provider != nullptr) reply.location = client_->logout_url(*provider, session, origin);
    if (reply.location.empty()) {
      reply.location = origin + settings_.after_logout.value_or(settings_.logout);
    }
    reply.reason = &kLogout;
    co_return Answered{.reason = &kLogout};
  }

  [[nodiscard]] Task<Attempt> backchannel_logout(Exchange& x) const {
    if (x.request.body == nullptr) co_return Answered{&kLogoutToken, "it has no body"};
    Task<Result<CollectedBody>> reading =
        collect_body(x.arena, *x.request.body, x.request.content_length, kLongestForm);
    const Result<CollectedBody> body = co_await reading;
    if (!body || !body->fits) co_return Answered{&kLogoutToken, "it is too long, or not whole"};
    const std::string_view text(reinterpret_cast<const char*>(body->bytes.data()),
                                body->bytes.size());
    const std::optional<Form> form = Form::parse(text);
    if (!form) co_return Answered{&kLogoutToken, "the form is malformed"};
    Task<LoginClient::Ended> asking = client_->ended_by(form->get("logout_token"));
    LoginClient::Ended ended = co_await asking;
    if (auto* refused = std::get_if<Refused>(&ended)) {
      co_return Answered{&kLogoutToken, "logout token: " + refused->why};
    }
    if (auto* missing = std::get_if<Unavailable>(&ended)) co_return std::move(*missing);
    Task<bool> ending =
        SessionRevocations::of_process().revoke(x, std::get<SessionRevocations::Revoked>(ended));
    const bool written = co_await ending;
    if (!written) co_return Unavailable{"the logout cannot be written down"};
    x.slot<LoginReply>(this).reason = &kSessionsEnded;
    co_return Answered{.reason = &kSessionsEnded};
  }

  const OidcLoginSettings settings_;
  const std::unique_ptr<const LoginClient> client_;
  const LoginSessions sessions_;
};

}  // namespace

std::unique_ptr<const Method> make_oidc_login(const schema::Marked<OidcLoginSettings>& settings,
                                              schema::Context& context) {
  std::optional<store::KeyRing> keys;
  if (!read_cookie_keys(settings, context, keys)) return nullptr;
  auto client = LoginClient::make(settings, context);
  if (client == nullptr) return nullptr;
  OwnCookies::note(context, LoginCookies::name_of(settings.value.cookie));
  return std::make_unique<OidcLogin>(settings.value, std::move(client), std::move(keys));
}

}  // namespace sallyport::policies::authenticate_detail
