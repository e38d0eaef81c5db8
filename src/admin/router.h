// What each path of the admin listener answers, and whom it does not answer. No sockets here.
//
// A browser on the operator's machine reaches loopback addresses too, for any page it shows. So a
// request must name this listener as its host (a name that was rebound to this address does not),
// and what changes something must not come from another site's page.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/admin_backend.h"
#include "base/result.h"
#include "http/address.h"

namespace sallyport::admin {

// What is looked at of a request.
struct AdminRequest {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::string_view host;        // lower case, without port, as in http::Request
  std::string_view authority;   // with port
  std::string_view origin;      // the Origin field; empty: none
  std::string_view fetch_site;  // the Sec-Fetch-Site field; empty: none
  net::Address local;           // where it arrived
};

struct Reply {
  std::uint16_t status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::string_view allow;  // methods, with a 405
};

// Calls `done` exactly once, now or later.
void answer(const AdminRequest& request, AdminBackend& backend, std::function<void(Reply)> done);

// RFC 9457 problem details. `detail` is for operators, which is who asks here.
[[nodiscard]] Reply problem(const Reason& reason, std::string_view detail = {});

// Whether `host` is this machine's loopback by name or address, or the address it arrived at.
[[nodiscard]] bool is_own_host(std::string_view host, const net::Address& local);

}  // namespace sallyport::admin
