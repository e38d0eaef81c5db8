// See router.h.
#include "admin/router.h"

#include <optional>
#include <utility>

#include "admin/api/requests.h"
#include "admin/reasons.h"
#include "base/text.h"

namespace sallyport::admin {
namespace {

bool from_other_site(const AdminRequest& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return true;
  }
  return !request.origin.empty() && request.origin != "http://" + std::string(request.authority);
}

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> path;
  std::string allow;  // methods of the path; empty: there is no such path
};

Found find(const AdminRequest& request) {
  Found found;
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes()) {
    auto path = match(route.path, request.path);
    if (!path) continue;
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method;
    if (route.method == "GET") found.allow += ", HEAD";
    if (route.method != method || found.route != nullptr) continue;
    found.route = &route;
    found.path = std::move(*path);
  }
  return found;
}

std::string media_type_of(std::string_view content_type) {
  return text::to_lower(text::trim(content_type.substr(0, content_type.find(';'))));
}

}  // namespace

bool is_own_host(std::string_view host, const net::Address& local) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::optional<net::Address> address = net::Address::parse(host);
  return address && (address->is_loopback() || *address == local);
}

std::expected<Router::Admitted, Reply> Router::admit(const AdminRequest& request,
                                                     std::uint64_t now) {
  // Only HTTP/1.0 comes without a host, and that no browser speaks.
  if (!request.host.empty() && !is_own_host(request.host, request.local)) {
    return std::unexpected(problem(reasons::kWrongHost, request.host));
  }
  Found found = find(request);
  if (found.allow.empty()) return std::unexpected(problem(reasons::kNotFound, request.path));
  if (found.route == nullptr) {
    Reply reply = problem(reasons::kMethodNotAllowed);
    reply.allow = std::move(found.allow);
    return std::unexpected(std::move(reply));
  }
  const Route& route = *found.route;
  // Reading tells pages of other sites nothing, but asking may do something, too.
  if ((route.changes() || route.role) && from_other_site(request)) {
    return std::unexpected(problem(reasons::kCrossSite, request.origin));
  }
  auto actor = authenticate(route, request, now);
  if (!actor) return std::unexpected(std::move(actor.error()));
  for (const std::string& each : found.path) {
    if (!is_word(each)) return std::unexpected(problem(reasons::kNotFound));
  }
  if (route.most_bytes != 0 && request.content_length.value_or(0) > route.most_bytes) {
    return std::unexpected(problem(reasons::kBodyTooLarge));
  }
  return Admitted{
      .route = &route,
      .call = std::make_shared<Call>(Call{.path = std::move(found.path),
                                          .query = std::string(request.query),
                                          .media_type = media_type_of(request.content_type),
                                          .if_match = std::string(request.if_match),
                                          .body = {},
                                          .actor = std::move(*actor)})};
}

std::expected<Actor, Reply> Router::authenticate(const Route& route, const AdminRequest& request,
                                                 std::uint64_t now) {
  Actor anyone{.token = nullptr, .address = request.peer.text()};
  if (!route.role) return anyone;
  store::Store* store = backend_.store();
  if (store == nullptr) {
    if (route.handle == nullptr && *route.role <= AdminRole::operate) return anyone;
    return std::unexpected(problem(
        reasons::kNoState, "Add `state: {path: …}` to the configuration and restart the gateway."));
  }
  store::AuditTrail& trail = *backend_.audit();
  auto actor = sign_in_.check(store->callers(), trail, request.authorization,
                              std::move(anyone.address), now);
  if (!actor || actor->token->role >= *route.role) return actor;
  sign_in_.refused(trail, *actor, route.name, now);
  return std::unexpected(
      problem(reasons::kForbidden, "This needs the role " + std::string(name_of(*route.role)) +
                                       "; the token has the role " +
                                       std::string(name_of(actor->token->role)) + "."));
}

void Router::answer(const Admitted& admitted, std::string body, Respond done) {
  if (body.size() > admitted.route->most_bytes) return done(problem(reasons::kBodyTooLarge));
  admitted.call->body = std::move(body);
  if (admitted.route->run != nullptr) return admitted.route->run(*admitted.call, backend_, done);
  auto step = admitted.route->handle(*admitted.call);
  if (!step) return done(std::move(step.error()));
  carry_out(*backend_.store(), *backend_.audit(), admitted.call, std::move(*step),
            [post = post_, done = std::move(done)](Reply reply) mutable {
              post([done = std::move(done), reply = std::move(reply)]() mutable {
                done(std::move(reply));
              });
            });
}

}  // namespace sallyport::admin
