// Whether a request that carries a cookie comes from pages that may use it: the protection against
// cross-site request forgery. Private to this folder.
#pragma once

#include <span>
#include <string>

#include "policies/authenticate/proof/method.h"

namespace sallyport::policies::authenticate_detail {

// Scheme, host and, unless it is the scheme's own, port of `x.request`, as its client knows them:
// "https://api.example.com". Empty: the request names no host.
[[nodiscard]] std::string origin_of(const Exchange& x);

// What is wrong, for operators; empty: it is a page of the same origin, or of one of `trusted`, or
// the user himself. Says so by Sec-Fetch-Site (Fetch Metadata) or else by Origin; a request with
// neither is not believed to be one of a browser's own pages.
[[nodiscard]] std::string cross_site_fault(const Exchange& x, std::span<const std::string> trusted);

// Whether it may change something, or opens a channel that pages of other sites can talk through.
[[nodiscard]] bool needs_same_origin(const Exchange& x);

// Whether it is a browser that goes to another page, so that it can be sent elsewhere.
[[nodiscard]] bool is_navigation(const Exchange& x);

}  // namespace sallyport::policies::authenticate_detail
