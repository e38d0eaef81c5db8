// Whatever stands behind "Basic ": what is read is what was encoded, and within its bounds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/base64url.h"
#include "policies/authenticate/consumer/basic_credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sallyport::policies::authenticate_detail::BasicCredentials;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  BasicCredentials credentials;
  if (!credentials.parse(text)) return 0;
  if (credentials.user().find(':') != std::string_view::npos) std::abort();
  const std::string both =
      std::string(credentials.user()) + ':' + std::string(credentials.password());
  if (both.size() > BasicCredentials::kMost) std::abort();
  std::string again = sallyport::base64url_encode(both);
  for (char& c : again) c = c == '-' ? '+' : c == '_' ? '/' : c;
  again.append((4 - again.size() % 4) % 4, '=');
  if (again != text) std::abort();
  return 0;
}
