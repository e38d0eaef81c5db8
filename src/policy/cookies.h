// The cookies of a request (RFC 6265 section 5.4).
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "http/message.h"

namespace sallyport {

// Calls `each(name, value, whole)` for every pair of a Cookie field.
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

// The same for all of a request's.
template <typename Each>
void for_each_cookie(const http::Request& request, Each each) {
  if (!request.headers.maybe_has(http::HeaderId::cookie)) return;
  for (const http::Field& field : request.headers) {
    if (field.removed || field.id != http::HeaderId::cookie) continue;
    for_each_cookie(field.value(), each);
  }
}

// Takes those out whose name fits.
template <typename Fits>
void remove_cookies(http::Request& request, Arena& arena, Fits fits) {
  std::string others;
  bool found = false;
  for_each_cookie(request,
                  [&](std::string_view name, std::string_view /*value*/, std::string_view pair) {
                    if (fits(name)) {
                      found = true;
                      return;
                    }
                    if (!others.empty()) others += "; ";
                    others += pair;
                  });
  if (!found) return;
  if (others.empty()) return request.headers.remove(http::HeaderId::cookie);
  request.headers.set(http::HeaderId::cookie, arena.copy(others));
}

}  // namespace sallyport
