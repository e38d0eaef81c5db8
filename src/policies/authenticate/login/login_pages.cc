#include "policies/authenticate/login/login_pages.h"

#include <utility>

#include "base/clock.h"
#include "policies/authenticate/login/login_reply.h"
#include "policies/authenticate/login/session_refresh.h"
#include "policies/authenticate/login/session_revocations.h"
#include "policies/authenticate/proof/form.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policy/whole_body.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using namespace login_reasons;  // NOLINT(google-build-using-namespace): of this method

constexpr std::size_t kLongestForm = std::size_t{32} << 10;

Answered failed(std::string why) { return {.reason = &kFailed, .why = "login: " + why}; }

}  // namespace

std::string login_purpose(const OidcLoginSettings& settings) {
  return "oidc_login " + settings.issuer + ' ' + settings.client_id;
}

std::vector<OwnPath> LoginPages::own_paths() const {
  const std::string served = "oidc_login " + login_purpose(settings_) + ' ' + settings_.cookie.name;
  std::vector<OwnPath> paths{
      {.path = settings_.callback, .methods = {"GET"}, .served = served},
      {.path = settings_.logout, .methods = {"GET", "POST"}, .served = served}};
  if (settings_.backchannel_logout) {
    paths.push_back({.path = *settings_.backchannel_logout, .methods = {"POST"}, .served = served});
  }
  return paths;
}

bool LoginPages::serves(const Exchange& x) const {
  const std::string_view path = x.request.path;
  return path == settings_.callback || path == settings_.logout ||
         path == settings_.backchannel_logout;
}

Task<Attempt> LoginPages::serve(Exchange& x) const {
  if (!sessions_.cookies().has_keys(x))
    return Attempt(Unavailable{"there are no keys for cookies"});
  if (x.request.path == settings_.callback) return callback(x);
  if (x.request.path == settings_.logout) return logout(x);
  return backchannel_logout(x);
}

Task<Attempt> LoginPages::callback(Exchange& x) const {
  const std::optional<Form> form = Form::parse(x.request.query);
  const std::string_view state = form ? form->get("state") : std::string_view();
  const std::optional<BegunLogin> login = sessions_.cookies().find_login(x, state);
  if (!login) co_return failed("this browser has not begun it, or too long ago (state)");
  LoginReply& reply = x.slot<LoginReply>(&settings_);
  reply.cookies.push_back(sessions_.cookies().no_login(state));
  if (login->origin != origin_of(x)) co_return failed("it was begun at another host");
  Task<LoginClient::NewSession> asking = client_.logged_in(x, *login, x.request.query);
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

Task<Attempt> LoginPages::logout(Exchange& x) const {
  const LoginCookies::Found found = sessions_.cookies().find_session(x);
  const Opened open = found.sealed.empty() ? nullptr : sessions_.open(x, found);
  LoginReply& reply = x.slot<LoginReply>(&settings_);
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
  Task<std::shared_ptr<const Provider>> finding = client_.provider();
  const std::shared_ptr<const Provider> provider = co_await finding;
  const std::string origin = origin_of(x);
  if (provider != nullptr) reply.location = client_.logout_url(*provider, session, origin);
  if (reply.location.empty()) {
    reply.location = origin + settings_.after_logout.value_or(settings_.logout);
  }
  reply.reason = &kLogout;
  co_return Answered{.reason = &kLogout};
}

Task<Attempt> LoginPages::backchannel_logout(Exchange& x) const {
  if (x.request.body == nullptr) co_return Answered{&kLogoutToken, "it has no body"};
  Task<Result<CollectedBody>> reading =
      collect_body(x.arena, *x.request.body, x.request.content_length, kLongestForm);
  const Result<CollectedBody> body = co_await reading;
  if (!body || !body->fits) co_return Answered{&kLogoutToken, "it is too long, or not whole"};
  const std::string_view text(reinterpret_cast<const char*>(body->bytes.data()),
                              body->bytes.size());
  const std::optional<Form> form = Form::parse(text);
  if (!form) co_return Answered{&kLogoutToken, "the form is malformed"};
  Task<LogoutTokens::Ended> reading_token =
      client_.logout_tokens().read(x, form->get("logout_token"));
  LogoutTokens::Ended ended = co_await reading_token;
  if (auto* refused = std::get_if<Refused>(&ended)) {
    co_return Answered{&kLogoutToken, "logout token: " + refused->why};
  }
  if (auto* missing = std::get_if<Unavailable>(&ended)) co_return std::move(*missing);
  auto& sessions = std::get<EndedSessions>(ended);
  Task<bool> ending = SessionRevocations::of_process().revoke(x, sessions.revoked());
  const bool written = co_await ending;
  if (!written) co_return Unavailable{"the logout cannot be written down"};
  sessions.done();
  x.slot<LoginReply>(&settings_).reason = &kSessionsEnded;
  co_return Answered{.reason = &kSessionsEnded};
}

}  // namespace sallyport::policies::authenticate_detail
