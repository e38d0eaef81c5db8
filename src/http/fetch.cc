#include "http/fetch.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "http/address.h"

namespace sallyport::http {
namespace {

struct Close {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

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

// Between "http://" and what follows host and port.
std::string_view host_of(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.contains('@')) return {};
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

bool may_be_fetched(const std::string& url) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kTls = "https://";
  const std::string_view text = url;
  if (text.starts_with(kTls)) return !host_of(text.substr(kTls.size())).empty();
  if (!text.starts_with(kPlain)) return false;
  const std::string_view host = host_of(text.substr(kPlain.size()));
  auto address = net::Address::parse(host);
  return host == "localhost" || (address && address->is_loopback());
}

std::expected<std::string, std::string> fetch(const std::string& url, const FetchOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (!may_be_fetched(url)) return std::unexpected(url + " is not asked: it has to be https");
  const std::unique_ptr<CURL, Close> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) return std::unexpected(url + ": there is no memory to ask for it");
  Sink sink{.body = {}, .most = options.most_bytes};
  CURL* h = handle.get();
  curl_easy_setopt(h, CURLOPT_URL, url.c_str());
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(h, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(h, CURLOPT_USERAGENT, "sallyport");
  curl_easy_setopt(h, CURLOPT_PROXY, "");  // what the environment says is not for us
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
