// What telemetry looks up once per route and configuration instead of once per request: where its
// counters are, how its names are written, what its policies are called.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/route.h"

namespace sallyport::telemetry {

struct PolicyCounters;
struct RouteCounters;
struct UpstreamCounters;
class WorkerMetrics;

// Names of a route, as long as the worker lives: one object for all configurations in which they
// are the same.
struct RouteNames {
  std::string api;  // both empty: no route
  std::string route;
  std::vector<std::string> policies;  // by position in the pipeline
};

struct RouteNotes {
  const RouteNames* names = nullptr;
  std::string log;  // the part of the log line that is the same for every exchange of the route
  RouteCounters* counters = nullptr;
  UpstreamCounters* upstream = nullptr;   // the one used last; null: none yet
  std::vector<PolicyCounters*> policies;  // by position in the pipeline
};

// The notes of one worker; used on its thread only.
class RouteBook {
 public:
  // `metrics` must outlive the book.
  explicit RouteBook(WorkerMetrics& metrics);

  // `route` null: the notes of what no route claimed. Takes memory and a lock only the first time a
  // route is seen under a revision. Valid until the next call.
  [[nodiscard]] RouteNotes& find(const Route* route, std::uint64_t revision) {
    for (Generation& generation : generations_) {
      if (generation.revision != revision || !generation.used) continue;
      std::uint32_t index = route == nullptr ? 0 : route->index + 1;
      if (index < generation.notes.size() && generation.notes[index] != nullptr) {
        return *generation.notes[index];
      }
    }
    return find_slowly(route, revision);
  }

 private:
  struct Generation {
    std::uint64_t revision = 0;
    bool used = false;
    std::vector<std::unique_ptr<RouteNotes>> notes;  // by Route::index + 1; 0: no route
  };

  [[nodiscard]] RouteNotes& find_slowly(const Route* route, std::uint64_t revision);
  [[nodiscard]] RouteNotes make(const Route* route, std::uint64_t revision);
  [[nodiscard]] const RouteNames* names_of(const Route* route);

  WorkerMetrics& metrics_;
  std::array<Generation, 2> generations_;
  RouteNotes stray_;  // for an exchange on a configuration older than the two that are kept
  std::map<std::string, std::unique_ptr<RouteNames>> names_;
};

}  // namespace sallyport::telemetry
