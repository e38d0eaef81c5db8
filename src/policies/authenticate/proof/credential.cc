#include "policies/authenticate/proof/credential.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/chars.h"
#include "http/encoded_text.h"
#include "policies/authenticate/proof/same_origin.h"
#include "policy/cookies.h"

namespace sallyport::policies::authenticate_detail {

CredentialPlace::CredentialPlace(const Place& place, std::vector<std::string_view> schemes)
    : CredentialPlace(place.cookie ? Kind::cookie : Kind::header,
                      place.cookie ? *place.cookie : place.header.value_or("Authorization"),
                      std::move(schemes), place.trusted_origins) {}

CredentialPlace::CredentialPlace(Kind kind, std::string name, std::vector<std::string_view> schemes,
                                 std::vector<std::string> trusted)
    : kind_(kind),
      name_(std::move(name)),
      schemes_(std::move(schemes)),
      trusted_(std::move(trusted)) {}

bool CredentialPlace::operator==(const CredentialPlace& other) const {
  if (kind_ != other.kind_) return false;
  return kind_ == Kind::header ? text::equals_ignoring_case(name_, other.name_)
                               : name_ == other.name_;
}

std::optional<Refused> CredentialPlace::cross_site(const Exchange& x) const {
  if (kind_ != Kind::cookie) return std::nullopt;
  return refused_cross_site(x, trusted_);
}

CredentialPlace::Found CredentialPlace::find(const Exchange& x) const {
  switch (kind_) {
    case Kind::header:
      return in_header(x);
    case Kind::query:
      return in_query(x);
    case Kind::cookie:
      return in_cookies(x);
  }
  return {};
}

CredentialPlace::Found CredentialPlace::in_header(const Exchange& x) const {
  Found found;
  std::size_t fields = 0;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name_)) continue;
    ++fields;
    const std::string_view value = text::trim(field.value());
    if (schemes_.empty()) found.text = value;
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

CredentialPlace::Found CredentialPlace::in_query(const Exchange& x) const {
  Found found;
  http::for_each_parameter(x.request.query, [&](std::string_view name, std::string_view value,
                                                std::string_view /*pair*/) {
    if (!http::is_written(name, name_)) return;
    found.ambiguous = found.ambiguous || found.text.data() != nullptr;
    found.text = value;
  });
  return found;
}

CredentialPlace::Found CredentialPlace::in_cookies(const Exchange& x) const {
  Found found;
  for_each_cookie(x.request,
                  [&](std::string_view name, std::string_view value, std::string_view /*pair*/) {
                    if (name != name_) return;
                    found.ambiguous = found.ambiguous || found.text.data() != nullptr;
                    found.text = value;
                  });
  return found;
}

void CredentialPlace::remove(Exchange& x) const {
  switch (kind_) {
    case Kind::header:
      return remove_from_header(x);
    case Kind::query:
      return remove_from_query(x);
    case Kind::cookie:
      return remove_from_cookies(x);
  }
}

// An upstream may read more leniently what stands behind the scheme's name.
void CredentialPlace::remove_from_header(Exchange& x) const {
  for (http::Field& field : x.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name_)) continue;
    const std::string_view value = text::trim(field.value());
    const auto is_of = [value](std::string_view scheme) {
      return text::equals_ignoring_case(value.substr(0, scheme.size()), scheme) &&
             (value.size() == scheme.size() || !http::is_token(value.substr(scheme.size(), 1)));
    };
    if (schemes_.empty() || std::ranges::any_of(schemes_, is_of)) field.removed = true;
  }
}

void CredentialPlace::remove_from_query(Exchange& x) const {
  http::Request& request = x.request;
  bool found = false;
  http::for_each_parameter(request.query, [&](std::string_view name, std::string_view /*value*/,
                                              std::string_view /*pair*/) {
    found = found || http::is_written(name, name_);
  });
  if (!found) return;
  char* const others = x.arena.chars(request.query.size());
  std::size_t size = 0;
  const auto keep = [&](std::string_view name, std::string_view /*value*/, std::string_view pair) {
    if (http::is_written(name, name_)) return;
    if (size > 0) others[size++] = '&';
    size += pair.copy(others + size, pair.size());
  };
  http::for_each_parameter(request.query, keep);
  request.query = {others, size};
  request.has_query = size > 0;
  // The target as it was written is looked at, too, and logged by those who do.
  const std::string_view before = request.target.substr(0, request.target.find('?'));
  if (before.size() == request.target.size()) return;
  char* const target = x.arena.chars(before.size() + 1 + size);
  std::size_t end = before.copy(target, before.size());
  if (size > 0) {
    target[end++] = '?';
    end += request.query.copy(target + end, size);
  }
  request.target = {target, end};
}

void CredentialPlace::remove_from_cookies(Exchange& x) const {
  remove_cookies(x.request, x.arena, [this](std::string_view name) { return name == name_; });
}

}  // namespace sallyport::policies::authenticate_detail
