// The token service as routes: each endpoint is a route of the issuer's host whose last policy
// answers. Policies of the outermost level apply, but for those about callers: clients of the
// service prove themselves to the service.
#include <array>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "config/building.h"
#include "config/policy_blocks.h"
#include "token_service/service.h"

namespace sallyport::config {
namespace {

constexpr std::string_view kName = "token_service";

token_service::Settings settings_of(const model::TokenService& from) {
  return {.issuer = from.issuer.value,
          .path = from.path.value,
          .audiences = from.audiences,
          .lifetime = std::chrono::duration_cast<std::chrono::seconds>(from.lifetime),
          .algorithm = from.keys.algorithm,
          .rotation = from.keys.rotation,
          .audit_failures = from.audit_failures};
}

bool is_about_callers(const PlacedPolicy& placed) {
  return placed.stage == Stage::authentication || placed.stage == Stage::authorization ||
         placed.stage == Stage::contract;
}

Pipeline pipeline_of(const token_service::Service::Endpoint& endpoint,
                     std::vector<PlacedPolicy> outer, std::string origin) {
  std::erase_if(outer, is_about_callers);
  outer.push_back({.name = std::string(kName),
                   .stage = Stage::transform,
                   .policy = endpoint.policy,
                   .origin = std::move(origin),
                   .on_request = !endpoint.takes_form,
                   .on_request_body = endpoint.takes_form,
                   .on_response = true});
  return Pipeline(std::move(outer));
}

}  // namespace

std::vector<PlacedRoute> build_token_service(Building& b, const PolicyBlocks& policies) {
  std::vector<PlacedRoute> made;
  if (!b.root.token_service || !b.faults.none_in(kName)) return made;
  const schema::Marked<model::TokenService>& from = *b.root.token_service;
  if (!b.root.state) {
    b.error(from.where, "there is no store that clients and signing keys could be kept in",
            "Name a folder for it: state: /var/lib/sallyport.", schema::code::kMissingKey);
    return made;
  }
  const token_service::Settings settings = settings_of(from.value);
  if (!token_service::keeps_few_keys(settings)) {
    b.error(from.where,
            "keys that change so often cannot all be published until their tokens expire",
            "Let \"keys.rotation\" be longer, or \"lifetime\" shorter.", schema::code::kConflict);
    return made;
  }
  b.snapshot.token_service = std::make_shared<token_service::Service>(settings);
  const token_service::Places& places = b.snapshot.token_service->places();
  const std::array<const PolicyBlocks::Blocks*, 1> levels{&b.root.policies};
  for (const token_service::Service::Endpoint& endpoint : b.snapshot.token_service->endpoints()) {
    auto route = std::make_unique<Route>();
    std::string why;
    std::optional<PathTemplate> path = PathTemplate::parse(endpoint.path, &why);
    if (!path) {
      b.error(from.value.path.where, std::move(why));
      return made;
    }
    route->api = kName;
    route->name = std::string(kName) + ' ' + endpoint.path;
    route->hosts = {places.issuer.host};
    route->path = std::move(*path);
    route->methods = {endpoint.method};
    route->origin = place_of(from.where);
    route->request_timeout = b.root.timeouts.request;
    route->websocket = false;
    route->pipeline = pipeline_of(endpoint, policies.placed(levels), place_of(from.where));
    made.push_back({.route = std::move(route), .where = from.where});
  }
  return made;
}

}  // namespace sallyport::config
