// One question to another service and its answer, as libcurl sees it. Private to this folder.
#pragma once

#include <coroutine>
#include <expected>
#include <string>
#include <string_view>

#include "http/client.h"
#include "http/curl_setup.h"

namespace sallyport::http::curl_detail {

// Lives in the frame of the coroutine that waits for it; `handle` points to it.
class Transfer {
 public:
  Transfer(const ClientRequest& request, std::string_view origin)
      : request_(request), origin_(origin) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  // Why it cannot be asked; empty: `handle` is ready. `resolve`: "host:port:address,address", or
  // empty where no name has to be looked up.
  [[nodiscard]] std::string prepare(CURL* handle, const std::string& resolve);
  // What came of it, once.
  [[nodiscard]] std::expected<ClientResponse, std::string> result();

  // For who drives it.
  void end(CURLcode code) {
    ended = true;
    code_ = code;
  }
  void cancel() {
    ended = true;
    cancelled_ = true;
  }
  bool ended = false;
  CURL* handle = nullptr;
  std::coroutine_handle<> waiter;
  Transfer* next = nullptr;
  Transfer* previous = nullptr;

 private:
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  bool take_header_line(std::string_view line);
  [[nodiscard]] std::string add_headers();
  void set_body_and_method(CURL* handle) const;
  void set_tls(CURL* handle) const;

  const ClientRequest& request_;
  const std::string_view origin_;
  ClientResponse response_;
  std::size_t header_bytes_ = 0;
  enum class Part : unsigned char { status_line, fields, trailers };  // of the answer
  Part part_ = Part::status_line;                                     // that comes next
  bool interim_ = false;  // the fields are those of an answer before the real one
  bool too_long_ = false;
  bool malformed_ = false;
  bool cancelled_ = false;
  CURLcode code_ = CURLE_OK;
  curl_slist* headers_ = nullptr;
  curl_slist* resolve_ = nullptr;
  char message_[CURL_ERROR_SIZE] = {};  // NOLINT(*-c-arrays): libcurl writes there
};

}  // namespace sallyport::http::curl_detail
