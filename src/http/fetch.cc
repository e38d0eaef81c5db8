#include "http/fetch.h"

#include "http/curl_setup.h"
#include "http/service_url.h"

namespace sallyport::http {
namespace {

struct Sink {
  std::string body;
  std::size_t most;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto* sink = static_cast<Sink*>(to);
  const std::size_t all = size * count;
  if (sink->body.size() + all > sink->most) return 0;  // ends the transfer
  sink->body.append(bytes, all);
  return all;
}

}  // namespace

std::expected<std::string, std::string> fetch(const std::string& url, const FetchOptions& options) {
  if (!may_be_fetched(url)) return std::unexpected(url + " is not asked: it has to be https");
  const curl_detail::Easy handle = curl_detail::make_easy();
  if (handle == nullptr) return std::unexpected(url + ": there is no memory to ask for it");
  Sink sink{.body = {}, .most = options.most_bytes};
  CURL* h = handle.get();
  curl_detail::set_common(h, url, options.timeout);
  if (!options.ca_file.empty()) curl_easy_setopt(h, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, &sink);
  const CURLcode done = curl_easy_perform(h);
  if (done == CURLE_WRITE_ERROR) {
    return std::unexpected(url + " answers with more than " + std::to_string(options.most_bytes) +
                           " bytes");
  }
  if (done != CURLE_OK) return std::unexpected(url + ": " + curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return std::unexpected(url + " answers " + std::to_string(status));
  return std::move(sink.body);
}

}  // namespace sallyport::http
