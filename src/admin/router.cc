// See router.h.
#include "admin/router.h"

#include <optional>
#include <utility>

#include "admin/api/requests.h"
#include "admin/reasons.h"
#include "base/text.h"
#include "config/snapshot.h"

namespace sallyport::admin {
namespace {

bool from_other_site(const AdminRequest& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return true;
  }
  const std::string own = (request.tls ? "https://" : "http://") + std::string(request.authority);
  return !request.origin.empty() && request.origin != own;
}

constexpr std::string_view kAddState =
    "Add `state: {path: …}` to the configuration and restart the gateway.";

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

bool is_own_host(std::string_view host, const net::Address& local,
                 std::span<const std::string> names) {
  if (host == "localhost") return true;
  for (std::string_view name : names) {
    if (name == host) return true;
    const bool any = name.starts_with("*.");
    if (any && host.contains('.') && host.substr(host.find('.')) == name.substr(1)) return true;
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::optional<net::Address> address = net::Address::parse(host);
  return address && (address->is_loopback() || *address == local);
}

void Router::admit(const AdminRequest& request, std::uint64_t now, Judged done) {
  const std::shared_ptr<const config::AdminSettings> settings = backend_.settings();
  auto refuse = [&done](Reply reply) { done(std::unexpected(std::move(reply))); };
  std::span<const std::string> names;
  if (request.tls && settings->tls != nullptr) names = settings->tls->names();
  // Only HTTP/1.0 comes without a host, and that no browser speaks.
  if (!request.host.empty() && !is_own_host(request.host, request.local, names)) {
    return refuse(problem(reasons::kWrongHost, request.host));
  }
  Found found = find(request);
  if (found.allow.empty()) return refuse(problem(reasons::kNotFound, request.path));
  if (found.route == nullptr) {
    Reply reply = problem(reasons::kMethodNotAllowed);
    reply.allow = std::move(found.allow);
    return refuse(std::move(reply));
  }
  const Route& route = *found.route;
  // Reading tells pages of other sites nothing, but asking may do something, too.
  if ((route.changes() || route.role) && from_other_site(request)) {
    return refuse(problem(reasons::kCrossSite, request.origin));
  }
  const bool fits = route.most_bytes == 0 || request.content_length.value_or(0) <= route.most_bytes;
  auto call = std::make_shared<Call>(Call{.path = std::move(found.path),
                                          .query = std::string(request.query),
                                          .media_type = media_type_of(request.content_type),
                                          .if_match = std::string(request.if_match),
                                          .body = {},
                                          .actor = {.address = request.peer.text()}});
  auto go_on = [&route, fits, now](std::shared_ptr<Call> admitted, Judged& then) {
    for (const std::string& each : admitted->path) {
      if (!is_word(each)) return then(std::unexpected(problem(reasons::kNotFound)));
    }
    if (!fits) return then(std::unexpected(problem(reasons::kBodyTooLarge)));
    then(Admitted{.route = &route, .call = std::move(admitted), .when = now});
  };
  const std::optional<AdminRole> least =
      request.peer.is_loopback() || route.role ? route.role : route.role_from_elsewhere;
  store::Store* store = backend_.store();
  if (!least || (store == nullptr && settings->people == nullptr)) {
    if (least && (route.handle != nullptr || *least > AdminRole::operate)) {
      return refuse(problem(reasons::kNoState, kAddState));
    }
    return go_on(std::move(call), done);
  }
  sign_in_.check({.authorization = request.authorization,
                  .certificate = request.certificate,
                  .address = call->actor.address},
                 {.tokens = store != nullptr ? &store->callers() : nullptr,
                  .trail = backend_.audit(),
                  .settings = settings},
                 now,
                 [this, &route, least = *least, now, call, go_on,
                  done = std::move(done)](std::expected<Actor, Reply> actor) mutable {
                   if (!actor) return done(std::unexpected(std::move(actor.error())));
                   if (auto refusal = check_role(route, least, *actor, now)) {
                     return done(std::unexpected(std::move(*refusal)));
                   }
                   if (route.handle != nullptr && backend_.store() == nullptr) {
                     return done(std::unexpected(problem(reasons::kNoState, kAddState)));
                   }
                   call->actor = std::move(*actor);
                   go_on(std::move(call), done);
                 });
}

std::optional<Reply> Router::check_role(const Route& route, AdminRole least, const Actor& actor,
                                        std::uint64_t now) {
  if (actor.may(least)) return std::nullopt;
  sign_in_.refused(backend_.audit(), actor, route.name, now);
  return problem(reasons::kForbidden, "This needs the role " + std::string(name_of(least)) +
                                          "; yours is " + std::string(name_of(actor.role)) + ".");
}

void Router::answer(const Admitted& admitted, std::string body, Respond answered) {
  // What the work finds that the actor may not do.
  Respond done = [this, admitted, answered = std::move(answered)](Reply reply) {
    if (reply.status == reasons::kForbidden.status) {
      sign_in_.refused(backend_.audit(), admitted.call->actor, admitted.route->name, admitted.when);
    }
    answered(std::move(reply));
  };
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
