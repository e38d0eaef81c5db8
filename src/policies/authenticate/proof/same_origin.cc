#include "policies/authenticate/proof/same_origin.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/service_url.h"
#include "jose/failure.h"
#include "policies/authenticate/proof/client_uri.h"

namespace sallyport::policies::authenticate_detail {
namespace {

struct Said {
  std::string_view value;
  bool several = false;
};

Said said(const Exchange& x, std::string_view name) {
  Said found;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
    found.several = found.several || found.value.data() != nullptr;
    found.value = field.value();
  }
  return found;
}

}  // namespace

std::string origin_of(const Exchange& x) {
  const ClientUri uri = client_uri(x);
  if (uri.host.empty()) return {};
  std::string origin = (uri.https ? "https://" : "http://") + std::string(uri.host);
  if (uri.port != (uri.https ? 443 : 80)) origin += ':' + std::to_string(uri.port);
  return origin;
}

std::string cross_site_fault(const Exchange& x, std::span<const std::string> trusted) {
  const Said site = said(x, "Sec-Fetch-Site");
  const Said origin = said(x, "Origin");
  if (site.several || origin.several) return "Sec-Fetch-Site or Origin comes twice";
  if (std::ranges::find(trusted, origin.value) != trusted.end()) return {};
  if (site.value == "same-origin" || site.value == "none") return {};
  if (!site.value.empty()) {
    return "the request comes from a page elsewhere (Sec-Fetch-Site " + jose::quoted(site.value) +
           ", Origin " + jose::quoted(origin.value) + ")";
  }
  if (origin.value.empty()) return "the request has neither Sec-Fetch-Site nor Origin";
  if (origin.value == origin_of(x)) return {};
  return "the request comes from a page of " + jose::quoted(origin.value);
}

std::optional<Refused> refused_cross_site(const Exchange& x, std::span<const std::string> trusted) {
  if (!needs_same_origin(x)) return std::nullopt;
  std::string fault = cross_site_fault(x, trusted);
  if (fault.empty()) return std::nullopt;
  return Refused{.why = std::move(fault), .reason = &kCrossSite};
}

std::string origin_fault(const std::string& origin) {
  const auto to = http::destination_of(origin);
  const bool lower = std::ranges::none_of(origin, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (to && to->origin == origin && lower && !origin.ends_with('/')) return {};
  return "is not an origin in lower case, such as https://app.example.com";
}

bool needs_same_origin(const Exchange& x) {
  using enum http::Method;
  const http::Method method = x.request.method_id;
  return (method != get && method != head && method != options) || x.request.upgrade_websocket;
}

bool is_navigation(const Exchange& x) {
  if (x.request.method_id != http::Method::get || x.request.upgrade_websocket) return false;
  const Said mode = said(x, "Sec-Fetch-Mode");
  if (!mode.value.empty()) {
    const Said kind = said(x, "Sec-Fetch-Dest");
    return mode.value == "navigate" && (kind.value.empty() || kind.value == "document");
  }
  bool accepts_pages = false;
  text::for_each_element(x.request.headers.get(http::HeaderId::accept), [&](std::string_view each) {
    const std::string_view type = text::trim(each.substr(0, each.find(';')));
    accepts_pages = accepts_pages || text::equals_ignoring_case(type, "text/html");
  });
  return accepts_pages;
}

}  // namespace sallyport::policies::authenticate_detail
