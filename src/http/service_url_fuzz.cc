// Whoever decides which host a URL leads to, and libcurl, which goes there, have to agree.
#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "http/service_url.h"

namespace {

struct Cleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto to = http::destination_of(text);
  if (!to) return 0;
  fuzzing::require(text.starts_with(to->origin));
  const std::unique_ptr<CURLU, Cleanup> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return 0;  // not asked
  fuzzing::require(part_of(url.get(), CURLUPART_USER).empty());
  fuzzing::require(part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT) ==
                   std::to_string(to->port));
  // What is asked in the clear is this machine for both.
  if (text.starts_with("http://") && http::may_be_fetched(text)) {
    fuzzing::require(http::may_be_fetched("http://" + part_of(url.get(), CURLUPART_HOST)));
  }
  return 0;
}
