#include "policies/authenticate/proof/client_uri.h"

#include "base/text.h"
#include "http/uri.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// What the nearest proxy said.
std::string_view last_of(const http::Headers& headers, http::HeaderId id) {
  std::string_view last;
  for (const http::Field& field : headers) {
    if (!field.removed && field.id == id) last = field.value();
  }
  const std::size_t comma = last.rfind(',');
  return text::trim(comma == std::string_view::npos ? last : last.substr(comma + 1));
}

}  // namespace

ClientUri client_uri(const Exchange& x) {
  ClientUri uri{.https = x.tls.on};
  std::string_view authority = x.request.authority;
  if (x.peer_trusted) {
    const std::string_view scheme = last_of(x.request.headers, http::HeaderId::x_forwarded_proto);
    if (!scheme.empty()) uri.https = text::equals_ignoring_case(scheme, "https");
    const std::string_view host = last_of(x.request.headers, http::HeaderId::x_forwarded_host);
    if (!host.empty()) authority = host;
  }
  const Result<http::Authority> read = http::parse_authority(authority, x.arena);
  if (!read) return uri;
  uri.host = read->host;
  uri.port = read->has_port ? read->port : uri.https ? std::uint16_t{443} : std::uint16_t{80};
  return uri;
}

std::string authority_of(const Exchange& x) {
  const ClientUri uri = client_uri(x);
  std::string out(uri.host);
  if (uri.port != (uri.https ? 443 : 80)) out += ":" + std::to_string(uri.port);
  return out;
}

std::string_view written_target(const Exchange& x) {
  const std::string_view target = x.request.target.empty() ? x.request.path : x.request.target;
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const std::size_t slash = target.find_first_of("/?", scheme + 3);
  return slash == std::string_view::npos ? std::string_view{} : target.substr(slash);
}

bool is_uri_of(std::string_view text, const Exchange& x) {
  text = text.substr(0, text.find('#'));
  const Result<http::Target> target = http::parse_target(text, false, false, x.arena);
  if (!target || !target->absolute) return false;
  const ClientUri uri = client_uri(x);
  return !uri.host.empty() && target->https == uri.https && target->host == uri.host &&
         target->port == uri.port && target->path == x.request.path;
}

}  // namespace sallyport::policies::authenticate_detail
