#include "policies/authenticate/login/login_cookies.h"

#include <algorithm>
#include <array>
#include <utility>

#include "async/digest.h"
#include "base/base64url.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "json/document.h"
#include "policy/cookies.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// What a seal is bound to: neither cookie can be taken for the other.
constexpr std::string_view kSession = "session";
constexpr std::string_view kLogin = "login";
constexpr std::size_t kTag = 8;  // characters of a state in the name of its cookie

// With what `__Host-` asks for (RFC 6265bis section 4.1.3.2): no other host can write it.
std::string cookie(std::string_view name, std::string_view value, std::string_view same_site,
                   std::string_view more = {}) {
  std::string text(name);
  text += '=';
  text += value;
  text += "; Path=/; Secure; HttpOnly; SameSite=";
  text += same_site;
  text += more;
  return text;
}

std::string no_cookie(std::string_view name, std::string_view same_site) {
  return cookie(name, "", same_site, "; Max-Age=0");
}

// State and nonce are compared as hashes, whose beginning tells nothing.
bool same(std::string_view a, std::string_view b) {
  return async::sha256_bytes(a) == async::sha256_bytes(b);
}

}  // namespace

std::string BegunLogin::derived(std::string_view what) const {
  return base64url_encode(async::sha256_bytes(std::string(what) + ' ' + secret));
}

std::string BegunLogin::text() const {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .string("s", secret)
      .string("o", origin)
      .string("r", return_to)
      .string("c", terms.scopes)
      .string("p", terms.prompts)
      .number("t", started)
      .end_object();
  return out;
}

std::optional<BegunLogin> BegunLogin::read(std::string_view text) {
  auto document = json::Document::parse(text, {.secret = true});
  if (!document) return std::nullopt;
  BegunLogin login;
  for (auto [name, to] : {std::pair{"s", &login.secret}, std::pair{"o", &login.origin},
                          std::pair{"r", &login.return_to}, std::pair{"c", &login.terms.scopes},
                          std::pair{"p", &login.terms.prompts}}) {
    const auto value = document->find(name);
    if (!value || !value->string()) return std::nullopt;
    *to = *value->string();
  }
  const auto started = document->find("t");
  if (!started || !started->integer()) return std::nullopt;
  login.started = *started->integer();
  return login;
}

LoginCookies::LoginCookies(const LoginCookieSettings& settings, std::optional<store::KeyRing> keys,
                           std::string purpose)
    : keys_(std::move(keys), std::move(purpose)),
      name_(name_of(settings)),
      login_prefix_(name_ + ".login."),
      same_site_(settings.same_site == SameSite::strict ? "Strict" : "Lax") {}

std::string LoginCookies::name_of_piece(std::size_t index) const {
  return index == 0 ? name_ : name_ + '.' + std::to_string(index);
}

std::string LoginCookies::name_of_login(std::string_view state) const {
  return login_prefix_ + std::string(state.substr(0, kTag));
}

bool LoginCookies::is_ours(std::string_view name) const {
  return name.starts_with(name_) && (name.size() == name_.size() || name[name_.size()] == '.');
}

LoginCookies::Found LoginCookies::find_session(Exchange& x) const {
  Found found;
  std::array<std::string_view, kMostPieces> pieces{};
  for_each_cookie(
      x.request, [&](std::string_view name, std::string_view value, std::string_view /*pair*/) {
        if (!name.starts_with(name_)) return;
        for (std::size_t i = 0; i < kMostPieces; ++i) {
          if (name != name_of_piece(i)) continue;
          found.malformed = found.malformed || pieces.at(i).data() != nullptr || value.empty();
          pieces.at(i) = value;
          found.pieces = std::max(found.pieces, i + 1);
        }
      });
  if (found.pieces == 0 || found.malformed) return found;
  // "2.": how many there are.
  const std::string_view first = pieces.front();
  const std::size_t count =
      first.size() > 2 && first[1] == '.' && first[0] >= '1' && first[0] <= '9'
          ? static_cast<std::size_t>(first[0] - '0')
          : 0;
  if (count == 0 || count > kMostPieces) {
    found.malformed = true;
    return found;
  }
  std::string all(first.substr(2));
  for (std::size_t i = 1; i < count; ++i) {
    found.malformed = found.malformed || pieces.at(i).empty();
    all += pieces.at(i);
  }
  found.malformed = found.malformed || all.size() > kPiece * kMostPieces;
  if (!found.malformed) found.sealed = count == 1 ? first.substr(2) : x.arena.copy(all);
  return found;
}

store::SecretText LoginCookies::open_session(const Exchange& x, std::string_view sealed) const {
  const store::KeyRing* keys = keys_.of(x);
  const auto bytes = base64url_decode(sealed);
  if (keys == nullptr || !bytes) return {};
  auto text = keys->open(*bytes, kSession);
  if (!text) return {};
  return std::move(*text);
}

std::optional<std::vector<std::string>> LoginCookies::session(const Exchange& x,
                                                              std::string_view text,
                                                              std::size_t pieces) const {
  const store::KeyRing* keys = keys_.of(x);
  if (keys == nullptr) return std::nullopt;
  const std::string sealed = base64url_encode(keys->seal(text, kSession));
  const std::size_t count = (sealed.size() + kPiece - 1) / kPiece;
  if (count > kMostPieces) return std::nullopt;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    std::string value = i == 0 ? std::to_string(count) + '.' : "";
    value += std::string_view(sealed).substr(i * kPiece, kPiece);
    all.push_back(cookie(name_of_piece(i), value, same_site_));
  }
  for (std::size_t i = count; i < pieces; ++i) {
    all.push_back(no_cookie(name_of_piece(i), same_site_));
  }
  return all;
}

std::vector<std::string> LoginCookies::no_session(std::size_t pieces) const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::max<std::size_t>(pieces, 1); ++i) {
    all.push_back(no_cookie(name_of_piece(i), same_site_));
  }
  return all;
}

std::optional<BegunLogin> LoginCookies::opened_login(const Exchange& x,
                                                     std::string_view sealed) const {
  const store::KeyRing* keys = keys_.of(x);
  const auto bytes = base64url_decode(sealed);
  if (keys == nullptr || !bytes) return std::nullopt;
  const auto text = keys->open(*bytes, kLogin);
  if (!text) return std::nullopt;
  return BegunLogin::read(text->view());
}

std::vector<std::string> LoginCookies::login(const Exchange& x, const BegunLogin& login) const {
  const store::KeyRing* keys = keys_.of(x);
  if (keys == nullptr) return {};
  // Lax, whatever the session's is: the provider's page leads to the callback.
  std::vector<std::string> all{cookie(name_of_login(login.state()),
                                      base64url_encode(keys->seal(login.text(), kLogin)), "Lax",
                                      "; Max-Age=" + std::to_string(BegunLogin::kLifetime / 1000))};
  std::vector<std::pair<std::int64_t, std::string>> others;
  for_each_cookie(x.request,
                  [&](std::string_view name, std::string_view value, std::string_view /*pair*/) {
                    if (!name.starts_with(login_prefix_)) return;
                    const auto begun = opened_login(x, value);
                    others.emplace_back(begun ? begun->started : 0, name);
                  });
  std::ranges::sort(others);
  for (std::size_t i = 0; i + kMostLogins <= others.size(); ++i) {
    all.push_back(no_cookie(others[i].second, "Lax"));
  }
  return all;
}

std::optional<BegunLogin> LoginCookies::find_login(const Exchange& x,
                                                   std::string_view state) const {
  if (state.size() <= kTag) return std::nullopt;
  const std::string wanted = name_of_login(state);
  std::optional<BegunLogin> found;
  for_each_cookie(x.request,
                  [&](std::string_view name, std::string_view value, std::string_view /*pair*/) {
                    if (name == wanted && !found) found = opened_login(x, value);
                  });
  if (!found || !same(found->state(), state)) return std::nullopt;
  const std::int64_t age = wall_milliseconds() - found->started;
  if (age > BegunLogin::kLifetime || age < -60'000) return std::nullopt;
  return found;
}

std::string LoginCookies::no_login(std::string_view state) const {
  return no_cookie(name_of_login(state), "Lax");
}

}  // namespace sallyport::policies::authenticate_detail
