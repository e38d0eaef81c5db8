#include "policies/authenticate/login/login_session.h"

#include <cstring>
#include <optional>
#include <utility>

#include "async/digest.h"
#include "base/base64url.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::int64_t number_of(json::Value object, std::string_view name) {
  const std::optional<json::Value> value = object.find(name);
  return value ? value->integer().value_or(0) : 0;
}

// The claims of a token whose signature was verified before it was put into the session.
std::optional<json::Document> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  auto claims = json::Document::parse(*payload);
  if (!claims || !claims->root().is_object()) return std::nullopt;
  return std::move(*claims);
}

}  // namespace

std::string random_text(std::size_t bytes) {
  std::string raw(bytes, '\0');
  fill_with_secret_bytes(std::as_writable_bytes(std::span(raw)));
  std::string text = base64url_encode(raw);
  explicit_bzero(raw.data(), raw.size());
  return text;
}

std::string SessionNames::of(std::string_view kind, std::string_view issuer,
                             std::string_view client, std::string_view value) {
  // A list of texts in JSON: none can lend its end to the beginning of the next.
  std::string text;
  JsonWriter(text)
      .begin_array()
      .string("oidc_login")
      .string(kind)
      .string(issuer)
      .string(client)
      .string(value)
      .end_array();
  return async::sha256(text);
}

LoginSession::~LoginSession() { explicit_bzero(refresh_token.data(), refresh_token.size()); }

store::SecretText LoginSession::text() const {
  std::string out;
  out.reserve(256 + id.size() + id_token.size() + 2 * refresh_token.size() + 2 * scope.size());
  JsonWriter(out)
      .begin_object()
      .string("id", id)
      .number("started", started)
      .number("seen", seen)
      .number("renew", renew)
      .number("expires", expires)
      .number("renewals", renewals)
      .string("id_token", id_token)
      .string("refresh_token", refresh_token)
      .string("scope", scope)
      .string("asked_scopes", asked.scopes)
      .string("asked_prompts", asked.prompts)
      .end_object();
  return store::SecretText(std::move(out));
}

std::shared_ptr<const OpenSession> OpenSession::read(std::string_view text, const ClaimMap& claims,
                                                     const std::string& client) {
  auto document = json::Document::parse(text, {.secret = true});
  if (!document) return nullptr;
  const json::Value root = document->root();
  LoginSession session;
  session.id = root.text("id");
  session.started = number_of(root, "started");
  session.seen = number_of(root, "seen");
  session.renew = number_of(root, "renew");
  session.expires = number_of(root, "expires");
  session.renewals = static_cast<std::uint32_t>(number_of(root, "renewals"));
  session.id_token = root.text("id_token");
  session.refresh_token = root.text("refresh_token");
  session.scope = root.text("scope");
  session.asked = {.scopes = std::string(root.text("asked_scopes")),
                   .prompts = std::string(root.text("asked_prompts"))};
  if (session.id.empty()) return nullptr;
  return of(std::move(session), claims, client);
}

std::shared_ptr<const OpenSession> OpenSession::of(LoginSession session, const ClaimMap& claims,
                                                   const std::string& client) {
  auto payload = payload_of(session.id_token);
  if (!payload) return nullptr;
  // Not make_shared: the constructor is private.
  std::shared_ptr<OpenSession> open(new OpenSession(std::move(session), std::move(*payload)));
  Claimed& claimed = open->claimed_;
  claims.read(open->claims(), claimed);
  claimed.scopes.clear();
  text::for_each_word(open->session_.scope,
                      [&](std::string_view scope) { claimed.scopes.push_back(scope); });
  Identity& identity = claimed.identity;
  identity.method = "oidc_login";
  identity.scheme = {};
  identity.scopes = claimed.scopes;
  const std::string issuer(identity.issuer);
  SessionNames& names = open->names_;
  names.session = SessionNames::of("session", issuer, client, open->session_.id);
  if (const std::string_view sid = open->claims().text("sid"); !sid.empty()) {
    names.sid = SessionNames::of("sid", issuer, client, sid);
  }
  if (!identity.subject.empty()) {
    names.subject = SessionNames::of("sub", issuer, client, identity.subject);
  }
  return open;
}

}  // namespace sallyport::policies::authenticate_detail
