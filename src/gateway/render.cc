#include "gateway/render.h"

#include <cstring>
#include <new>
#include <string>

#include "base/text.h"
#include "gateway/reasons.h"
#include "http/bytes_body.h"

namespace sallyport::gateway {
namespace {

std::string_view problem(const Exchange& x, const Reason& reason) {
  std::string text = R"({"title":")";
  text::append_json_escaped(text, reason.title);
  text += R"(","status":)" + std::to_string(reason.status) + R"(,"code":")";
  text += reason.code;
  text += R"(","request_id":")";
  text += x.request_id_text();
  text += "\"}\n";
  return x.arena.copy(text);
}

// https://host[:port]/path?query of the request, for the redirect.
std::string_view https_location(Exchange& x) {
  std::string text = "https://";
  text += x.request.host;
  if (x.redirect_port != 443) text += ":" + std::to_string(x.redirect_port);
  text += x.request.path == "*" ? "/" : x.request.path;
  if (x.request.has_query) {
    text += '?';
    text += x.request.query;
  }
  return x.arena.copy(text);
}

}  // namespace

http::Response render(Exchange& x, const Stop& why) {
  const Reason& reason = *why.reason;
  x.reason = &reason;
  x.detail = x.arena.copy(why.detail);
  http::Response response(x.arena);
  response.status = reason.status;
  if (&reason == &reasons::kRedirectToHttps) {
    response.headers.add(http::HeaderId::location, https_location(x));
    return response;
  }
  if (reason.status < 400) return response;
  std::string_view body = problem(x, reason);
  response.headers.add(http::HeaderId::content_type, "application/problem+json");
  response.headers.add(http::HeaderId::cache_control, "no-store");
  if (reason.status == 405 && !x.allowed_methods.empty()) {
    response.headers.add(http::HeaderId::allow, x.allowed_methods);
  }
  if (reason.status == 503 && reason.retryable) {
    response.headers.add(http::HeaderId::retry_after, "1");
  }
  response.content_length = body.size();
  response.body = new (x.arena.allocate(sizeof(http::BytesBody))) http::BytesBody(body);
  return response;
}

}  // namespace sallyport::gateway
