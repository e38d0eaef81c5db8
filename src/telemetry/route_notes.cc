#include "telemetry/route_notes.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "telemetry/access_log.h"
#include "telemetry/metrics.h"

namespace sallyport::telemetry {

RouteBook::RouteBook(WorkerMetrics& metrics) : metrics_(metrics) {}

// Two configurations are kept: the newest, and the one that exchanges begun before a reload still
// end on.
RouteNotes& RouteBook::find_slowly(const Route* route, std::uint64_t revision) {
  auto generation = std::ranges::find_if(
      generations_, [&](const Generation& g) { return g.used && g.revision == revision; });
  if (generation == generations_.end()) {
    generation = std::ranges::min_element(
        generations_, {}, [](const Generation& g) { return g.used ? g.revision + 1 : 0; });
    if (generation->used && revision < generation->revision) {
      stray_ = make(route, revision);
      return stray_;
    }
    *generation = {.revision = revision, .used = true};
  }
  std::size_t index = route == nullptr ? 0 : std::size_t{route->index} + 1;
  if (index >= generation->notes.size()) generation->notes.resize(index + 1);
  generation->notes[index] = std::make_unique<RouteNotes>(make(route, revision));
  return *generation->notes[index];
}

RouteNotes RouteBook::make(const Route* route, std::uint64_t revision) {
  RouteNotes notes;
  notes.names = names_of(route);
  notes.log = access_log_route_part(*notes.names, revision);
  notes.counters = &metrics_.route(notes.names->api, notes.names->route);
  for (const std::string& policy : notes.names->policies) {
    notes.policies.push_back(&metrics_.policy(policy));
  }
  return notes;
}

const RouteNames* RouteBook::names_of(const Route* route) {
  RouteNames names;
  if (route != nullptr) {
    names.api = route->api;
    names.route = route->name;
    for (const PlacedPolicy& placed : route->pipeline.policies()) {
      names.policies.push_back(placed.name);
    }
  }
  std::string key = names.api + '\n' + names.route;
  for (const std::string& policy : names.policies) key.append(1, '\n').append(policy);
  std::unique_ptr<RouteNames>& kept = names_[key];
  if (kept == nullptr) kept = std::make_unique<RouteNames>(std::move(names));
  return kept.get();
}

}  // namespace sallyport::telemetry
