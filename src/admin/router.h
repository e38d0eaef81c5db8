// What each request to the admin listener is answered, and who is not answered. No sockets here.
//
// A browser on the operator's machine reaches loopback addresses too, for any page it shows. So a
// request must name this listener as its host (a name that was rebound to this address does not),
// and what changes something must not come from another site's page. Where the configuration keeps
// callers, all but a few routes need a token besides.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "admin/admin_backend.h"
#include "admin/reply.h"
#include "admin/routes.h"
#include "admin/sign_in.h"
#include "http/address.h"

namespace sallyport::admin {

// What is looked at of a request.
struct AdminRequest {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::string_view host;           // lower case, without port, as in http::Request
  std::string_view authority;      // with port
  std::string_view origin;         // the Origin field; empty: none
  std::string_view fetch_site;     // the Sec-Fetch-Site field; empty: none
  std::string_view authorization;  // the Authorization field; empty: none, or several
  std::string_view content_type;
  std::string_view if_match;
  std::optional<std::uint64_t> content_length;
  net::Address local;  // where it arrived
  net::Address peer;   // where it came from
};

// For the controlling thread.
class Router {
 public:
  // Runs work on the controlling thread; called on others.
  using Post = std::function<void(std::move_only_function<void()>)>;
  // `backend` must outlive it.
  Router(AdminBackend& backend, Post post) : backend_(backend), post_(std::move(post)) {}

  struct Admitted {
    const Route* route;
    std::shared_ptr<Call> call;
  };
  // Judges the head of a request. `now`: milliseconds of a monotonic clock.
  [[nodiscard]] std::expected<Admitted, Reply> admit(const AdminRequest& request,
                                                     std::uint64_t now);
  // Calls `done` exactly once, now or later, with what an admitted request and its body (up to
  // Route::most_bytes) are answered.
  void answer(const Admitted& admitted, std::string body, Respond done);

 private:
  [[nodiscard]] std::expected<Actor, Reply> authenticate(const Route& route,
                                                         const AdminRequest& request,
                                                         std::uint64_t now);

  AdminBackend& backend_;
  const Post post_;
  SignIn sign_in_;
};

// Whether `host` is this machine's loopback by name or address, or the address it arrived at.
[[nodiscard]] bool is_own_host(std::string_view host, const net::Address& local);

}  // namespace sallyport::admin
