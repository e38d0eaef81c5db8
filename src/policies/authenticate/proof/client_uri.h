// The URI of a request as its client knows it, which is what it signs. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

struct ClientUri {
  bool https = false;
  std::string_view host;  // lower case, without port
  std::uint16_t port = 0;
};

// Scheme and host of `x.request`, as a trusted proxy in front of the gateway saw them.
[[nodiscard]] ClientUri client_uri(const Exchange& x);

// Host and port, without one that goes without saying.
[[nodiscard]] std::string authority_of(const Exchange& x);

// Path and query as the client wrote them, before anything was normalised; empty: it wrote no path.
[[nodiscard]] std::string_view written_target(const Exchange& x);

// Whether `text` is the URI of `x.request`, query and fragment left aside (RFC 9449 section 4.3):
// compared as normalised (RFC 3986 section 6.2.2 and 6.2.3).
[[nodiscard]] bool is_uri_of(std::string_view text, const Exchange& x);

}  // namespace sallyport::policies::authenticate_detail
