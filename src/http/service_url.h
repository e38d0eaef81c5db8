// Which URLs of other services the gateway is willing to ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

// Whether `url` is one that is asked: https; or http to a loopback address, as nobody else can read
// what is said there; or any http where the operator said that this network may (`insecure_http`).
// Credentials within the URL are refused: they would end up in logs.
[[nodiscard]] bool may_be_fetched(std::string_view url, bool insecure_http = false);

// Where such a URL leads to.
struct Destination {
  std::string_view origin;  // "https://authz.example.com:8443"
  std::string host;         // without brackets
  std::uint16_t port = 0;
};
// Nothing: `url` names no host, or a port that is none. Views into `url`.
[[nodiscard]] std::optional<Destination> destination_of(std::string_view url);

}  // namespace sallyport::http
