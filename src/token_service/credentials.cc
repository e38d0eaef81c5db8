// See credentials.h.
#include "token_service/credentials.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/base64url.h"
#include "base/text.h"

namespace sallyport::token_service {
namespace {

constexpr std::size_t kLongestBasic = 4096;
constexpr std::string_view kScheme = "basic ";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// From the alphabet with "+", "/" and padding to the one without: there is one decoder, and it is
// strict. Nothing: it was not in that alphabet, or not padded as it should be.
std::optional<std::size_t> to_base64url(std::string_view text, std::span<char> out) {
  if (text.size() % 4 != 0 || text.contains('-') || text.contains('_')) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::ranges::transform(text, out.begin(), [](char c) {
    if (c == '+') return '-';
    return c == '/' ? '_' : c;
  });
  return text.size();
}

std::size_t count_authorization(const http::Headers& headers) {
  return static_cast<std::size_t>(std::ranges::count_if(headers, [](const http::Field& field) {
    return !field.removed && field.id == http::HeaderId::authorization;
  }));
}

Answer<Credentials> in_header(std::string_view value, std::string_view id) {
  auto basic = BasicCredentials::parse(value);
  if (!basic) {
    return refuse(kInvalidClient, "The Authorization header is not HTTP Basic as RFC 6749 has it.");
  }
  if (!id.empty() && id != basic->id()) {
    return refuse(kInvalidRequest, "client_id is not the client of the Authorization header.");
  }
  Credentials found{.way = Way::secret_basic,
                    .id = basic->id(),
                    .secret = basic->secret(),
                    .assertion = {},
                    .subject = {},
                    .basic = std::nullopt};
  found.basic = std::move(basic);
  return found;
}

}  // namespace

std::optional<BasicCredentials> BasicCredentials::parse(std::string_view value) {
  if (value.size() > kLongestBasic || value.size() < kScheme.size() ||
      !text::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  value.remove_prefix(kScheme.size());
  BasicCredentials made(value.size());
  const auto size = to_base64url(value, made.encoded_.bytes());
  if (!size) return std::nullopt;
  const std::string_view encoded(made.encoded_.bytes().data(), *size);
  ShortLived decoded(value.size());
  const auto length = base64url_decode(encoded, decoded.bytes());
  if (!length) return std::nullopt;
  const std::string_view pair(decoded.bytes().data(), *length);
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::span<char> room = made.plain_.bytes();
  const auto id = form_decode(pair.substr(0, colon), room);
  if (!id || id->empty()) return std::nullopt;
  const auto secret = form_decode(pair.substr(colon + 1), room.subspan(id->size()));
  if (!secret) return std::nullopt;
  made.id_ = *id;
  made.secret_ = *secret;
  return made;
}

Answer<Credentials> credentials_of(const Exchange& x, const Form& form) {
  const std::size_t headers = count_authorization(x.request.headers);
  const std::string_view id = form.get("client_id");
  const std::string_view secret = form.get("client_secret");
  const std::string_view assertion = form.get("client_assertion");
  if (headers + (secret.empty() ? 0 : 1) + (assertion.empty() ? 0 : 1) > 1) {
    return refuse(kInvalidRequest, "A client proves who it is in one way only.");
  }
  if (headers == 1) return in_header(x.request.headers.get(http::HeaderId::authorization), id);
  if (!assertion.empty()) {
    if (form.get("client_assertion_type") != kAssertionType) {
      return refuse(kInvalidRequest, "client_assertion_type is not that of a JWT.");
    }
    return Credentials{.way = Way::private_key_jwt,
                       .id = id,
                       .secret = {},
                       .assertion = assertion,
                       .subject = {},
                       .basic = std::nullopt};
  }
  // Who has a certificate needs nothing else; the handshake has verified it.
  const bool by_certificate = secret.empty() && !x.tls.client_subject.empty();
  if (id.empty() || (secret.empty() && !by_certificate)) {
    return refuse(kInvalidClient, "The client has to prove who it is.");
  }
  return Credentials{.way = by_certificate ? Way::tls : Way::secret_post,
                     .id = id,
                     .secret = secret,
                     .assertion = {},
                     .subject = x.tls.client_subject,
                     .basic = std::nullopt};
}

}  // namespace sallyport::token_service
