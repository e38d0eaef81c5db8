#include "http/transfer.h"

#include <algorithm>

#include "base/text.h"
#include "http/chars.h"

namespace sallyport::http::curl_detail {
namespace {

// All header fields of an answer together.
constexpr std::size_t kMostHeaderBytes = std::size_t{64} << 10;

bool append(curl_slist*& list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list, text.c_str());
  if (longer == nullptr) return false;
  list = longer;
  return true;
}

// Of the value of a field (RFC 9110 section 5.5).
bool is_field_char(char c) {
  return (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') || c == '\t';
}

curl_blob blob_of(const std::string& text) {
  // libcurl does not write to what it is told not to copy.
  return {.data = const_cast<char*>(text.data()), .len = text.size(), .flags = CURL_BLOB_NOCOPY};
}

}  // namespace

Transfer::~Transfer() {
  curl_slist_free_all(headers_);
  curl_slist_free_all(resolve_);
}

// libcurl adds fields of its own unless it is told not to.
std::string Transfer::add_headers() {
  bool accept = false;
  bool type = false;
  for (const ClientField& field : request_.headers) {
    if (!is_token(field.name) || !std::ranges::all_of(field.value, is_field_char)) {
      return "a header field is malformed";
    }
    accept = accept || text::equals_ignoring_case(field.name, "Accept");
    type = type || text::equals_ignoring_case(field.name, "Content-Type");
    const std::string line =
        field.value.empty() ? field.name + ';' : field.name + ": " + field.value;
    if (!append(headers_, line)) return "there is no memory";
  }
  if (!accept && !append(headers_, "Accept:")) return "there is no memory";
  if (!type && !append(headers_, "Content-Type:")) return "there is no memory";
  if (!append(headers_, "Expect:")) return "there is no memory";
  return {};
}

void Transfer::set_body_and_method(CURL* h) const {
  const std::string& method = request_.method;
  if (method == "HEAD") {
    curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool sends = !request_.body.empty() || method == "POST" || method == "PUT";
  if (sends) {
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, request_.body.c_str());
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (method != (sends ? "POST" : "GET")) {
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

void Transfer::set_tls(CURL* h) const {
  const ClientTls* tls = request_.tls;
  if (tls == nullptr) return;
  auto give = [h](CURLoption option, const std::string& text) {
    if (text.empty()) return;
    curl_blob blob = blob_of(text);
    curl_easy_setopt(h, option, &blob);
  };
  give(CURLOPT_CAINFO_BLOB, tls->authorities);
  give(CURLOPT_SSLCERT_BLOB, tls->certificate);
  give(CURLOPT_SSLKEY_BLOB, tls->key);
}

std::string Transfer::prepare(CURL* h, const std::string& resolve) {
  if (!is_token(request_.method)) return "the method is malformed";
  if (std::string why = add_headers(); !why.empty()) return why;
  if (!resolve.empty() && !append(resolve_, resolve)) return "there is no memory";
  handle = h;
  set_common(h, request_.url, request_.timeout);
  curl_easy_setopt(h, CURLOPT_PRIVATE, this);
  curl_easy_setopt(h, CURLOPT_ERRORBUFFER, &message_[0]);
  curl_easy_setopt(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers_);
  if (resolve_ != nullptr) curl_easy_setopt(h, CURLOPT_RESOLVE, resolve_);
  // Nothing is left to look up but for the names of this machine; if there were, nobody may wait
  // for the thread that does so.
  curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
  // The path is the caller's: a policy that passes on a path passes it on as it is.
  curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
  set_body_and_method(h);
  set_tls(h);
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
  return {};
}

std::size_t Transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t all = size * count;
  std::string& body = transfer.response_.body;
  if (all > transfer.request_.most_bytes - body.size()) {
    transfer.too_long_ = true;
    return 0;  // ends the transfer
  }
  body.append(bytes, all);
  return all;
}

// One line at a time: a status line, fields, an empty line. Interim answers come before, trailers
// behind the body.
std::size_t Transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t all = size * count;
  transfer.header_bytes_ += all;
  transfer.too_long_ = transfer.header_bytes_ > kMostHeaderBytes;
  transfer.malformed_ = !transfer.take_header_line({bytes, all});
  return transfer.too_long_ || transfer.malformed_ ? 0 : all;
}

// False: nobody should have to guess what this line means.
bool Transfer::take_header_line(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (part_ == Part::trailers) return true;  // whatever they look like
  if (part_ == Part::status_line) {
    const std::size_t blank = line.find(' ');
    if (!line.starts_with("HTTP/") || blank == std::string_view::npos) return false;
    interim_ = line.substr(blank + 1).starts_with('1');
    response_.headers.clear();
    part_ = Part::fields;
    return true;
  }
  if (line.empty()) {
    part_ = interim_ ? Part::status_line : Part::trailers;
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view value = text::trim(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_field_char)) return false;
  response_.headers.push_back(
      {.name = std::string(line.substr(0, colon)), .value = std::string(value)});
  return true;
}

std::expected<ClientResponse, std::string> Transfer::result() {
  const std::string who(origin_);
  if (cancelled_) return std::unexpected(who + " is not waited for, as the gateway stops");
  if (too_long_) {
    return std::unexpected(who + " answers with more than " + std::to_string(request_.most_bytes) +
                           " bytes, or with too many header fields");
  }
  if (malformed_) return std::unexpected(who + " answers with a malformed header");
  if (code_ != CURLE_OK) {
    return std::unexpected(who + ": " +
                           (message_[0] != '\0' ? &message_[0] : curl_easy_strerror(code_)));
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

}  // namespace sallyport::http::curl_detail
