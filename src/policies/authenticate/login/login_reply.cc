#include "policies/authenticate/login/login_reply.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "http/bytes_body.h"

namespace sallyport::policies::authenticate_detail {

void LoginReply::add(std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(cookies));
}

void LoginReply::lead_by_page(std::string_view url) {
  std::string quoted;
  for (char c : url) {
    if (c == '&') {
      quoted += "&amp;";
    } else if (c == '"') {
      quoted += "&quot;";
    } else if (c == '<') {
      quoted += "&lt;";
    } else {
      quoted += c;
    }
  }
  page =
      "<!doctype html><meta charset=\"utf-8\"><title>Logged in</title>"
      "<meta http-equiv=\"refresh\" content=\"0;url=" +
      quoted + "\"><a href=\"" + quoted + "\">Go on</a>\n";
  page_is_html = true;
}

void LoginReply::write(Exchange& x) const {
  http::Headers& headers = x.response.headers;
  for (const std::string& cookie : cookies) {
    headers.add(http::HeaderId::set_cookie, x.arena.copy(cookie));
  }
  // Nobody else may get what has a cookie in it.
  headers.set(http::HeaderId::cache_control, "no-store");
  if (reason == nullptr || x.reason != reason) return;
  if (!location.empty()) headers.set(http::HeaderId::location, x.arena.copy(location));
  if (page.empty()) return;
  x.response.status = 200;
  headers.set(http::HeaderId::content_type,
              page_is_html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
  const std::string_view body = x.arena.copy(page);
  x.response.content_length = body.size();
  x.response.body = new (x.arena.allocate(sizeof(http::BytesBody))) http::BytesBody(body);
}

}  // namespace sallyport::policies::authenticate_detail
