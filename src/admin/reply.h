// What the admin listener answers with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sallyport::admin {

struct Reply {
  std::uint16_t status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::string allow;  // methods, with a 405
  // Further fields: ETag, Location, Retry-After, WWW-Authenticate.
  std::vector<std::pair<std::string_view, std::string>> fields;
  bool secret = false;  // the body is to be wiped once it was sent
};

// `body` is JSON; a line end is added.
[[nodiscard]] Reply json_reply(std::string body, std::uint16_t status = 200);

// RFC 9457 problem details. `detail` is for operators, which is who asks here.
[[nodiscard]] Reply problem(const Reason& reason, std::string_view detail = {});

}  // namespace sallyport::admin
