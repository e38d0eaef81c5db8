#include "http/curl_setup.h"

namespace sallyport::http::curl_detail {

bool library_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

Easy make_easy() { return Easy(library_ready() ? curl_easy_init() : nullptr); }

void set_common(CURL* handle, const std::string& url, std::chrono::milliseconds timeout) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  // Authorities come from one file: curl keeps those in memory, but never those of a folder.
  curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "sallyport");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // what the environment says is not for us
}

}  // namespace sallyport::http::curl_detail
