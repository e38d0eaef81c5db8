// See settings.h.
#include "token_service/settings.h"

#include <algorithm>
#include <array>

#include "base/arena.h"
#include "base/text.h"
#include "http/chars.h"
#include "http/fetch.h"
#include "http/uri.h"
#include "token_service/key_plan.h"

namespace sallyport::token_service {
namespace {

bool is_plain_path(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (!std::ranges::all_of(segment, [](char c) { return http::is(c, http::kUnreservedChar); })) {
      return false;
    }
    path.remove_prefix(segment.size());
  }
  return true;
}

}  // namespace

std::optional<IssuerUrl> parse_issuer(std::string_view text, std::string* why) {
  if (!http::may_be_fetched(std::string(text))) {
    *why = "has to begin with https:// (or http:// and a loopback address)";
    return std::nullopt;
  }
  const std::size_t begin = text.find("://") + 3;
  const std::size_t end = std::min(text.find('/', begin), text.size());
  std::array<std::byte, 1024> memory;
  Arena arena(memory);
  const auto authority = http::parse_authority(text.substr(begin, end - begin), arena);
  if (!authority || authority->text != text.substr(begin, end - begin)) {
    *why = "has to name its host in lower case, with a port if it needs one, and nothing else";
    return std::nullopt;
  }
  if (!is_plain_path(text.substr(end))) {
    *why =
        "may have a path of plain segments behind the host: no slash at the end, no query, no "
        "fragment";
    return std::nullopt;
  }
  return IssuerUrl{.secure = text.starts_with("https"),
                   .origin = std::string(text.substr(0, end)),
                   .host = std::string(authority->host),
                   .path = std::string(text.substr(end))};
}

bool keeps_few_keys(const Settings& settings) {
  constexpr int kMostKeys = 32;
  return time_kept(settings.lifetime) <= settings.rotation * kMostKeys;
}

Places::Places(const Settings& settings)
    : token(settings.path + "/token"),
      revocation(settings.path + "/revoke"),
      jwks(settings.path + "/jwks") {
  std::string why;
  issuer = parse_issuer(settings.issuer, &why).value_or(IssuerUrl{});
  metadata = "/.well-known/oauth-authorization-server" + issuer.path;
  openid = issuer.path + "/.well-known/openid-configuration";
}

}  // namespace sallyport::token_service
