#include "policies/authenticate/login/oidc_login.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "policies/authenticate/login/cookie_keys.h"
#include "policies/authenticate/login/login_client.h"
#include "policies/authenticate/login/login_cookies.h"
#include "policies/authenticate/login/login_pages.h"
#include "policies/authenticate/login/login_reply.h"
#include "policies/authenticate/login/login_sessions.h"
#include "policies/authenticate/login/session_refresh.h"
#include "policies/authenticate/proof/client_uri.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policy/cookies.h"
#include "policy/own_cookies.h"
#include "policy/rehearsal.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using namespace login_reasons;  // NOLINT(google-build-using-namespace): of this method

constexpr std::string_view kMethod = "oidc_login";
constexpr std::size_t kLongestReturn = 512;

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

class OidcLogin final : public Method, public BrowserMethod {
 public:
  OidcLogin(OidcLoginSettings settings, std::unique_ptr<const LoginClient> client,
            std::optional<store::KeyRing> keys)
      : settings_(std::move(settings)),
        client_(std::move(client)),
        sessions_(settings_, std::move(keys), login_purpose(settings_)),
        pages_(settings_, *client_, sessions_) {
    for (const std::string& scope : settings_.scopes) {
      terms_ = terms_.with({.scopes = scope, .prompts = settings_.prompt.value_or("")});
    }
  }

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
    if (!open->session().asked.cover(terms_)) {
      return Attempt(Refused{"the session is of a login that asked for less than this API asks"});
    }
    if (auto refused = refused_cross_site(x, settings_.trusted_origins)) {
      return Attempt(*std::move(refused));
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

  [[nodiscard]] const BrowserMethod* browser() const override { return this; }

  [[nodiscard]] std::vector<OwnPath> own_paths() const override { return pages_.own_paths(); }
  [[nodiscard]] bool serves(const Exchange& x) const override { return pages_.serves(x); }
  [[nodiscard]] Task<Attempt> serve(Exchange& x) const override { return pages_.serve(x); }

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
                           .terms = terms_for(x),
                           .started = wall_milliseconds()};
    LoginReply& reply = x.slot<LoginReply>(&settings_);
    reply.reason = &kLogin;
    reply.location = client_->authorization_url(*provider, login);
    reply.add(sessions_.cookies().login(x, login));
    co_return Answered{.reason = &kLogin};
  }

  [[nodiscard]] bool completes() const override { return true; }
  void complete(Exchange& x) const override {
    if (const LoginReply* reply = x.slot_if<LoginReply>(&settings_)) return reply->write(x);
    // No cache between here and the browser can tell whose answer it is, nor could the upstream.
    const bool own = x.identity && x.identity->method == kMethod;
    http::Headers& headers = x.response.headers;
    if (own && headers.find(http::HeaderId::cache_control) == nullptr) {
      headers.add(http::HeaderId::cache_control, "private");
    }
  }

 private:
  [[nodiscard]] static Identity identity_of(Opened open) {
    Identity identity = open->identity();
    identity.owner = std::move(open);
    return identity;
  }

  // A session of another API that has not asked for enough goes on to serve that one, too.
  [[nodiscard]] LoginTerms terms_for(Exchange& x) const {
    const LoginCookies::Found found = sessions_.cookies().find_session(x);
    const Opened open = found.sealed.empty() ? nullptr : sessions_.open(x, found);
    const bool good = open != nullptr && sessions_.fault_of(x, *open, wall_milliseconds()).empty();
    return good ? terms_.with(open->session().asked) : terms_;
  }

  // Has the browser keep the session as it is now. False: it does not fit into cookies.
  bool write(Exchange& x, const OpenSession& open, std::size_t pieces) const {
    auto cookies = sessions_.kept(x, open.session(), pieces);
    if (cookies) x.slot<LoginReply>(&settings_).add(std::move(*cookies));
    return cookies.has_value();
  }

  [[nodiscard]] Task<Attempt> renewed(Exchange& x, Opened open, std::size_t pieces) const {
    // Whoever asks for the same session meanwhile would get what came of it.
    if (x.rehearsal) {
      leave_open(x);
      co_return Unavailable{"the session would be refreshed first"};
    }
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
    x.slot<LoginReply>(&settings_).add(sessions_.cookies().no_session(pieces));
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

  const OidcLoginSettings settings_;
  const std::unique_ptr<const LoginClient> client_;
  const LoginSessions sessions_;
  const LoginPages pages_;
  LoginTerms terms_;  // what this API asks for
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
