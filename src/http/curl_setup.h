// What every transfer by libcurl has in common, whoever drives it. Private to this folder.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

namespace sallyport::http::curl_detail {

struct Cleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, Cleanup>;

// Sets the library up, once. Any thread.
[[nodiscard]] bool library_ready();

// Null: there is no memory. Any thread.
[[nodiscard]] Easy make_easy();

// Whom to ask and for how long. Servers with TLS have to prove who they are, redirects are not
// followed, and neither the environment nor cookies of earlier answers count. `url` is copied.
void set_common(CURL* handle, const std::string& url, std::chrono::milliseconds timeout);

}  // namespace sallyport::http::curl_detail
