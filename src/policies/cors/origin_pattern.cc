#include "policies/cors/origin_pattern.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace sallyport::policies::cors_detail {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kHostChars = "abcdefghijklmnopqrstuvwxyz0123456789-.";
constexpr std::string_view kSchemeChars = "abcdefghijklmnopqrstuvwxyz0123456789-.+";

bool only(std::string_view text, std::string_view chars) {
  return text.find_first_not_of(chars) == std::string_view::npos;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 3 && host.back() == ']' &&
           only(host.substr(1, host.size() - 2), "0123456789abcdef:.");
  }
  return !host.empty() && only(host, kHostChars) && host.front() != '.' && host.back() != '.' &&
         host.find("..") == std::string_view::npos;
}

}  // namespace

std::string origin_fault(std::string_view origin) {
  if (origin == "*") return {};
  if (origin == "null") return "'null' is sent by any sandboxed page and cannot be trusted";
  if (origin != text::to_lower(origin)) return "browsers send origins in lower case";
  std::size_t colon = origin.find("://");
  if (colon == std::string_view::npos || colon == 0) {
    return "is no origin: write the scheme too, as in https://app.example.com";
  }
  std::string_view scheme = origin.substr(0, colon);
  if (!only(scheme, kSchemeChars) || !only(scheme.substr(0, 1), kLetters)) {
    return "has a malformed scheme";
  }

  std::string_view rest = origin.substr(colon + 3);
  if (rest.find('/') != std::string_view::npos) return "an origin has no path, not even a slash";
  bool wildcard = rest.starts_with("*.");
  if (wildcard) rest.remove_prefix(2);
  std::size_t port_at = rest.find(':', rest.starts_with('[') ? rest.find(']') : 0);
  if (port_at != std::string_view::npos) {
    std::optional<std::uint64_t> port = text::to_number(rest.substr(port_at + 1));
    if (!port || *port == 0 || *port > 65535) return "has a malformed port";
    if ((scheme == "https" && *port == 443) || (scheme == "http" && *port == 80)) {
      return "browsers leave out the default port of the scheme";
    }
  }
  std::string_view host = rest.substr(0, port_at);
  if (host.find('*') != std::string_view::npos) {
    return "'*' may only stand for whole labels at the front, as in https://*.example.com";
  }
  if (!is_host(host) || (wildcard && host.starts_with('['))) return "has a malformed host";
  return {};
}

OriginSet::OriginSet(const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    if (origin == "*") {
      any_ = true;
    } else if (std::size_t star = origin.find('*'); star != std::string::npos) {
      wildcards_.push_back({.before = origin.substr(0, star), .after = origin.substr(star + 1)});
    } else {
      exact_.push_back(origin);
    }
  }
  std::ranges::sort(exact_);
}

bool OriginSet::contains(std::string_view origin) const {
  if (any_) return true;
  if (std::ranges::binary_search(exact_, origin, std::ranges::less{})) return true;
  return std::ranges::any_of(wildcards_, [origin](const Wildcard& wildcard) {
    const auto& [before, after] = wildcard;
    if (origin.size() <= before.size() + after.size()) return false;
    if (!origin.starts_with(before) || !origin.ends_with(after)) return false;
    std::string_view labels =
        origin.substr(before.size(), origin.size() - before.size() - after.size());
    // Otherwise "https://evil.test/.example.com" would fit.
    return is_host(labels) && labels.front() != '[';
  });
}

}  // namespace sallyport::policies::cors_detail
