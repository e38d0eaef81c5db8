// Request targets (RFC 3986 as RFC 9112 3.2 uses it): checked strictly, normalised once.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"

namespace sallyport::http {

struct Target {
  std::string_view path;  // normalised; "*" for the asterisk form
  std::string_view query;
  std::string_view authority;  // of the absolute form, lower case; empty otherwise
  std::string_view host;       // of the absolute form, as in Authority
  std::uint16_t port = 0;      // of the absolute form; the scheme's own if none is given
  bool has_query = false;
  bool absolute = false;
  bool https = false;  // scheme of the absolute form
};

// Origin form, absolute form (http, https) or asterisk form (only when `options`; also what an
// absolute form without path means then, RFC 9112 3.2.4). Percent-encoded
// unreserved characters are decoded, other escapes get upper-case digits, dot segments removed,
// duplicate slashes merged when asked. Refused: encoded slash, backslash and controls in the path,
// control characters and bytes above 0x7E, fragments, broken escapes, a path that climbs above the
// root, dot segments with parameters ("/..;/"). Memory is taken from `arena` only when something
// changes; otherwise the views point into `target`.
[[nodiscard]] Result<Target> parse_target(std::string_view target, bool options, bool merge_slashes,
                                          Arena& arena);

struct Authority {
  std::string_view host;  // lower case, without port; IPv6 literals in brackets
  std::string_view text;  // host and port, lower case
  std::uint16_t port = 0;
  bool has_port = false;
};

// A Host value or the authority of an absolute target. Userinfo, empty host, bad port: an error.
[[nodiscard]] Result<Authority> parse_authority(std::string_view text, Arena& arena);

}  // namespace sallyport::http
