// What oidc_login adds to the answer to a request: cookies, and where the browser goes on. Private
// to this folder.
#pragma once

#include <string>
#include <vector>

#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

struct LoginReply {
  const Reason* reason = nullptr;  // of the answer that all but the cookies is for
  std::string location;
  std::string page;
  bool page_is_html = false;
  std::vector<std::string> cookies;  // values of Set-Cookie

  void add(std::vector<std::string> more);
  // Leads to `url` by a page: what is then asked for is asked by a page of this site, as a strict
  // cookie wants it.
  void lead_by_page(std::string_view url);
  void write(Exchange& x) const;
};

}  // namespace sallyport::policies::authenticate_detail
