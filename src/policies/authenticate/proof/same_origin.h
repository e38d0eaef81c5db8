// Whether a request that carries a cookie comes from pages that may use it: the protection against
// cross-site request forgery. Private to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "policies/authenticate/proof/method.h"

namespace sallyport::policies::authenticate_detail {

inline constexpr Reason kCrossSite{"authenticate.cross_site", 403,
                                   "A page of another site may not do this in your name."};

// Scheme, host and, unless it is the scheme's own, port of `x.request`, as its client knows them:
// "https://api.example.com". Empty: the request names no host.
[[nodiscard]] std::string origin_of(const Exchange& x);

// What is wrong, for operators; empty: it is a page of the same origin, or of one of `trusted`, or
// the user himself. Says so by Sec-Fetch-Site (Fetch Metadata) or else by Origin; a request with
// neither is not believed to be one of a browser's own pages.
[[nodiscard]] std::string cross_site_fault(const Exchange& x, std::span<const std::string> trusted);

// For every method that reads a cookie. Nothing: the request only reads, or comes from where it
// may.
[[nodiscard]] std::optional<Refused> refused_cross_site(const Exchange& x,
                                                        std::span<const std::string> trusted);

// What is wrong with an origin that a configuration trusts; empty: it is one as browsers write it,
// "https://app.example.com".
[[nodiscard]] std::string origin_fault(const std::string& origin);

// Whether it may change something, or opens a channel that pages of other sites can talk through.
[[nodiscard]] bool needs_same_origin(const Exchange& x);

// Whether it is a browser that goes to another page, so that it can be sent elsewhere.
[[nodiscard]] bool is_navigation(const Exchange& x);

}  // namespace sallyport::policies::authenticate_detail
