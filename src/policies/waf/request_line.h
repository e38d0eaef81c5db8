// What rules and their audit log are told of the request and the connection. Private to this
// folder.
#pragma once

#include <string>
#include <string_view>

#include "policy/exchange.h"

namespace sallyport::policies::waf_detail {

[[nodiscard]] inline std::string_view version_of(http::Version version) {
  switch (version) {
    case http::Version::http_1_0:
      return "1.0";
    case http::Version::http_1_1:
      return "1.1";
    case http::Version::http_2:
      return "2";
  }
  return {};
}

// As the client sent it; put together again where nobody kept that.
[[nodiscard]] inline std::string_view target_of(Exchange& x) {
  const http::Request& request = x.request;
  if (!request.target.empty()) return request.target;
  if (!request.has_query) return request.path;
  return x.arena.copy(std::string(request.path) + '?' + std::string(request.query));
}

// Our own address; empty where there is no connection.
[[nodiscard]] inline std::string_view server_of(Exchange& x) {
  if (x.local == net::Address{}) return {};
  char* text = x.arena.chars(net::Address::kLongestText);
  return {text, x.local.write(text)};
}

}  // namespace sallyport::policies::waf_detail
