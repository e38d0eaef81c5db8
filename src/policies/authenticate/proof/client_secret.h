// How the gateway shows a secret of its own to another server. Private to this folder.
#pragma once

#include <string>

namespace sallyport::policies::authenticate_detail {

// "Basic " with what stands for id and secret (RFC 6749 section 2.3.1, RFC 7617).
[[nodiscard]] std::string basic_of(const std::string& id, const std::string& secret);

}  // namespace sallyport::policies::authenticate_detail
