// The tables of the keys of `oidc_login`.
#include <algorithm>
#include <array>

#include "http/chars.h"
#include "http/service_url.h"
#include "policies/authenticate/login/oidc_login.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policy/route.h"

namespace sallyport::policies::authenticate_detail {

constexpr auto enum_names(SameSite /*same_site*/) {
  return std::array{
      schema::EnumName{"lax", SameSite::lax, "Links to the API find the user logged in."},
      schema::EnumName{"strict", SameSite::strict, "Only the API's own pages do."}};
}

namespace {

using schema::field;

std::string not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : std::string();
}

std::string issuer_fault(const std::string& url) {
  return http::may_be_fetched(url)
             ? std::string()
             : "has to begin with https:// (or http:// and a loopback address)";
}

// One that is served, or that a browser is sent to.
std::string path_fault(const std::string& path) {
  std::string why;
  const auto parsed = PathTemplate::parse(path, &why);
  if (!parsed) return why;
  const bool plain =
      !parsed->prefix &&
      std::ranges::none_of(parsed->segments, [](const auto& each) { return each.parameter; });
  return plain ? std::string() : "has to be one path, without parameters";
}

std::string cookie_fault(const std::string& name) {
  if (!http::is_token(name) || name.contains('.')) return "is not a name that a cookie may have";
  return name.starts_with("__") ? "gets its prefix from the gateway" : std::string();
}

std::string scope_fault(const std::string& scope) {
  const bool plain = std::ranges::all_of(
      scope, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  return plain && !scope.empty() ? std::string() : "is not a scope (RFC 6749 section 3.3)";
}

void check_paths(const OidcLoginSettings& settings, const schema::Node& node,
                 schema::Context& context) {
  std::vector<std::string> paths{settings.callback, settings.logout};
  if (settings.backchannel_logout) paths.push_back(*settings.backchannel_logout);
  std::ranges::sort(paths);
  if (std::ranges::adjacent_find(paths) == paths.end()) return;
  context.error(node, "serves two things at one path", {}, schema::code::kConflict);
}

void check_scopes(const OidcLoginSettings& settings, const schema::Node& node,
                  schema::Context& context) {
  if (std::ranges::find(settings.scopes, "openid") != settings.scopes.end()) return;
  const schema::Node* scopes = node.find("scopes");
  auto scope = context.key("scopes");
  context.error(scopes != nullptr ? *scopes : node, "lacks openid, without which nobody logs in");
}

}  // namespace

schema::Fields<LoginCookieSettings> LoginCookieSettings::fields() {
  using std::chrono::hours;
  using std::chrono::seconds;
  return {
      field("name", &LoginCookieSettings::name,
            "Name of the cookie, behind the prefix `__Host-`, which keeps other hosts from "
            "writing it.")
          .check(cookie_fault),
      field("secret", &LoginCookieSettings::secret,
            "Key that cookies are sealed with: 32 bytes in hexadecimal or base64. Of several the "
            "first seals, and all open: a new one is put in front of the old one, which goes when "
            "`lifetime` has passed.")
          .or_single()
          .min_items(1)
          .default_text("a key derived from the master key of `state`")
          .example("${env:COOKIE_SECRET}"),
      field("lifetime", &LoginCookieSettings::lifetime,
            "How long a session lasts at most; then it takes another login.")
          .range(seconds(10), hours(24 * 30)),
      field("idle", &LoginCookieSettings::idle, "How long a session lasts without being used.")
          .range(seconds(10), hours(24 * 30)),
      field("same_site", &LoginCookieSettings::same_site,
            "Whether browsers send the cookie when a page of another site leads to the API."),
  };
}

schema::Fields<OidcLoginSettings> OidcLoginSettings::fields() {
  schema::Fields<OidcLoginSettings> table{
      field("issuer", &OidcLoginSettings::issuer,
            "The OpenID Provider. Its endpoints and keys are found by discovery.")
          .required()
          .check(issuer_fault)
          .example("https://login.example.com"),
      field("client_id", &OidcLoginSettings::client_id, "What the gateway is called there.")
          .required()
          .check(not_empty)
          .example("sallyport"),
      field("client_secret", &OidcLoginSettings::client_secret, "Its secret there.")
          .default_text("none: a public client")
          .example("${env:LOGIN_SECRET}"),
      field("scopes", &OidcLoginSettings::scopes,
            "What is asked for. Many providers give a refresh token for `offline_access` only, "
            "some of them only with `prompt: consent`.")
          .min_items(1)
          .check(scope_fault),
      field("prompt", &OidcLoginSettings::prompt, "What the provider has to ask the user.")
          .one_of({"login", "consent", "select_account"})
          .default_text("what the provider thinks fit"),
      field("callback", &OidcLoginSettings::callback,
            "Path that browsers come back to; the provider has to know its URL as a redirect URI.")
          .check(path_fault),
      field("logout", &OidcLoginSettings::logout,
            "Path that logs out, here and at the provider. Only pages of the API's own origin, and "
            "the user, can lead there.")
          .check(path_fault),
      field("after_logout", &OidcLoginSettings::after_logout,
            "Path that the provider sends browsers to afterwards; it has to know its URL as a "
            "post-logout redirect URI.")
          .check(path_fault)
          .default_text("that of `logout`, which then says so"),
      field("backchannel_logout", &OidcLoginSettings::backchannel_logout,
            "Path that the provider posts logout tokens to (OpenID Connect Back-Channel Logout).")
          .check(path_fault)
          .default_text("none")
          .example("/.sallyport/backchannel"),
      field("trusted_origins", &OidcLoginSettings::trusted_origins,
            "Other origins whose pages may change things with the session of their user.")
          .or_single()
          .min_items(1)
          .check(origin_fault)
          .default_text("none")
          .example("https://app.example.com"),
      field("cookie", &OidcLoginSettings::cookie, "The session's cookie."),
      field("claims", &OidcLoginSettings::claims, "Which claims of the ID token say what."),
      field("leeway", &OidcLoginSettings::leeway, "By how much clocks may differ.")
          .range(std::chrono::seconds(0), std::chrono::minutes(5)),
      field("timeout", &OidcLoginSettings::timeout,
            "How long the provider may take to answer, in all.")
          .range(std::chrono::milliseconds(100), std::chrono::seconds(60)),
      field("ca", &OidcLoginSettings::ca, "Authorities that may vouch for the provider, in PEM.")
          .default_text("those of the system"),
  };
  return table.check(check_paths).check(check_scopes);
}

}  // namespace sallyport::policies::authenticate_detail
