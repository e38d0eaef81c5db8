// Requests and responses as rules are shown them by the `waf` commands.
//
// Reading is lenient on purpose: rules are about requests that the gateway's own parser refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli::waf {

struct Header {
  std::string name;
  std::string value;
};

struct WebRequest {
  std::string method;
  std::string uri;
  std::string version;  // "1.1"; whatever stands there if it is no HTTP/...
  std::vector<Header> headers;
  std::string body;

  // The first of this name, or null.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

struct WebResponse {
  unsigned status = 200;
  std::vector<Header> headers;
  std::string body;
};

// Takes bytes as they would be sent apart, as well as it can. Lines may end in LF alone. A chunked
// body is put together; one with a length is cut there; one with neither is none.
[[nodiscard]] WebRequest read_request(std::string_view bytes);

// The status with which the gateway's own parser refuses a request head, or 0: it does not.
[[nodiscard]] unsigned refused_with(std::string_view bytes);

}  // namespace sallyport::cli::waf
