#include "policies/authenticate/proof/client_secret.h"

#include <algorithm>
#include <cstring>

#include "base/base64url.h"
#include "base/text.h"

namespace sallyport::policies::authenticate_detail {

std::string basic_of(const std::string& id, const std::string& secret) {
  std::string pair = text::percent_encoded(id) + ':' + text::percent_encoded(secret);
  std::string coded = base64url_encode(pair);
  explicit_bzero(pair.data(), pair.size());
  std::ranges::replace(coded, '-', '+');
  std::ranges::replace(coded, '_', '/');
  coded.append((4 - coded.size() % 4) % 4, '=');
  std::string value = "Basic " + coded;
  explicit_bzero(coded.data(), coded.size());
  return value;
}

}  // namespace sallyport::policies::authenticate_detail
