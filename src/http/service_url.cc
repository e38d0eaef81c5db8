#include "http/service_url.h"

#include <algorithm>
#include <charconv>

#include "http/address.h"
#include "http/chars.h"

namespace sallyport::http {
namespace {

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kTls = "https://";

bool is_visible(char c) { return c > ' ' && c < '\x7f'; }

// Anything else, two readers of a URL could take for two hosts.
bool is_of_authority(char c) {
  return is(c, kUnreservedChar) || std::string_view(":[]").contains(c);
}

}  // namespace

std::optional<Destination> destination_of(std::string_view url) {
  const bool tls = url.starts_with(kTls);
  if ((!tls && !url.starts_with(kPlain)) || !std::ranges::all_of(url, is_visible)) return {};
  const std::size_t begin = tls ? kTls.size() : kPlain.size();
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::string_view authority = url.substr(begin, end - begin);
  if (!std::ranges::all_of(authority, is_of_authority)) return {};
  std::size_t colon = authority.find(':');
  std::string_view host = authority.substr(0, colon);
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {};
    host = authority.substr(1, bracket - 1);
    const std::string_view rest = authority.substr(bracket + 1);
    if (!rest.empty() && !rest.starts_with(':')) return {};
    colon = rest.empty() ? std::string_view::npos : bracket + 1;
  }
  if (host.empty()) return {};
  Destination found{.origin = url.substr(0, end),
                    .host = std::string(host),
                    .port = tls ? std::uint16_t{443} : std::uint16_t{80}};
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const char* last = digits.data() + digits.size();
    auto [stopped, fault] = std::from_chars(digits.data(), last, found.port);
    if (fault != std::errc() || stopped != last || found.port == 0) return {};
  }
  return found;
}

bool may_be_fetched(std::string_view url, bool insecure_http) {
  const std::optional<Destination> to = destination_of(url);
  if (!to) return false;
  if (insecure_http || url.starts_with(kTls)) return true;
  auto address = net::Address::parse(to->host);
  return to->host == "localhost" || (address && address->is_loopback());
}

}  // namespace sallyport::http
