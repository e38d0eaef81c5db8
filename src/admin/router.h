// What each request to the admin listener is answered, and who is not answered. No sockets here.
//
// A browser on the operator's machine reaches loopback addresses too, for any page it shows. So a
// request must name this listener as its host (a name that was rebound to this address does not),
// and what changes something must not come from another site's page. Where the configuration says
// who may sign in, all but a few routes ask who it is besides.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/admin_backend.h"
#include "admin/reply.h"
#include "admin/routes.h"
#include "admin/sign_in.h"
#include "async/peer_certificate.h"
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
  bool tls = false;
  // Shown by the client, and verified by the configuration in force; null: none.
  const async::PeerCertificate* certificate = nullptr;
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
    std::uint64_t when;  // as admit() was told
  };
  using Judged = std::move_only_function<void(std::expected<Admitted, Reply>)>;
  // Judges the head of a request, and calls `done` as SignIn::check does. `now`: milliseconds of a
  // monotonic clock.
  void admit(const AdminRequest& request, std::uint64_t now, Judged done);
  // Calls `done` exactly once, now or later, with what an admitted request and its body (up to
  // Route::most_bytes) are answered.
  void answer(const Admitted& admitted, std::string body, Respond answered);

 private:
  // What `actor` may not do is refused and recorded.
  [[nodiscard]] std::optional<Reply> check_role(const Route& route, AdminRole least,
                                                const Actor& actor, std::uint64_t now);

  AdminBackend& backend_;
  const Post post_;
  SignIn sign_in_;
};

// Whether `host` is this machine's loopback by name or address, the address it arrived at, or one
// of `names`, which are such as a certificate has ("*.example.com").
[[nodiscard]] bool is_own_host(std::string_view host, const net::Address& local,
                               std::span<const std::string> names = {});

}  // namespace sallyport::admin
