#include "policies/authenticate/credential.h"

#include <utility>

#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// Calls `each(name, value, whole)` for every pair of a Cookie field (RFC 6265 section 5.4).
template <typename Each>
void for_each_cookie(std::string_view field, Each each) {
  while (!field.empty()) {
    const std::string_view pair = text::trim(field.substr(0, field.find(';')));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) {
      each(text::trim(pair.substr(0, equals)), text::trim(pair.substr(equals + 1)), pair);
    } else if (!pair.empty()) {
      each(std::string_view{}, pair, pair);
    }
    const std::size_t end = field.find(';');
    if (end == std::string_view::npos) return;
    field.remove_prefix(end + 1);
  }
}

}  // namespace

CredentialPlace::CredentialPlace(const Place& place, std::vector<std::string_view> schemes)
    : header_(place.cookie ? "" : place.header.value_or("Authorization")),
      cookie_(place.cookie.value_or("")),
      schemes_(std::move(schemes)) {}

CredentialPlace::Found CredentialPlace::find(const Exchange& x) const {
  return header_.empty() ? in_cookies(x) : in_header(x);
}

CredentialPlace::Found CredentialPlace::in_header(const Exchange& x) const {
  Found found;
  std::size_t fields = 0;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), header_)) continue;
    ++fields;
    const std::string_view value = text::trim(field.value());
    for (std::string_view scheme : schemes_) {
      if (value.size() > scheme.size() && value[scheme.size()] == ' ' &&
          text::equals_ignoring_case(value.substr(0, scheme.size()), scheme)) {
        found.text = text::trim(value.substr(scheme.size()));
        found.scheme = scheme;
      }
    }
  }
  found.ambiguous = fields > 1;
  return found;
}

CredentialPlace::Found CredentialPlace::in_cookies(const Exchange& x) const {
  Found found;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || field.id != http::HeaderId::cookie) continue;
    for_each_cookie(field.value(),
                    [&](std::string_view name, std::string_view value, std::string_view /*pair*/) {
                      if (name != cookie_) return;
                      found.ambiguous = found.ambiguous || found.text.data() != nullptr;
                      found.text = value;
                    });
  }
  return found;
}

void CredentialPlace::remove(Exchange& x) const {
  if (!header_.empty()) return x.request.headers.remove(header_);
  std::string others;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || field.id != http::HeaderId::cookie) continue;
    for_each_cookie(field.value(),
                    [&](std::string_view name, std::string_view /*value*/, std::string_view pair) {
                      if (name == cookie_) return;
                      if (!others.empty()) others += "; ";
                      others += pair;
                    });
  }
  if (others.empty()) return x.request.headers.remove(http::HeaderId::cookie);
  x.request.headers.set(http::HeaderId::cookie, x.arena.copy(others));
}

}  // namespace sallyport::policies::authenticate_detail
