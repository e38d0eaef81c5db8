// Routes: every API with its routes laid out flat, each with its own policies, timeouts and
// upstream. An API must say how callers prove who they are, or that anyone may call.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/building.h"
#include "config/policy_blocks.h"
#include "config/words.h"

namespace sallyport::config {
namespace {

using schema::Where;

// The innermost value that is set.
template <typename T>
const T* innermost(const std::optional<T>& inner, const std::optional<T>& outer) {
  if (inner) return &*inner;
  return outer ? &*outer : nullptr;
}

std::vector<std::string> without(const std::vector<std::string>& methods,
                                 const std::vector<std::string>& claimed) {
  std::vector<std::string> left;
  for (const std::string& method : methods) {
    auto claims = [&](std::string_view name) {
      return std::ranges::find(claimed, name) != claimed.end();
    };
    if (!claims(method) && !(method == "HEAD" && claims("GET"))) left.push_back(method);
  }
  return left;
}

class ApiBuilder {
 public:
  ApiBuilder(Building& b, const PolicyBlocks& policies, const schema::Named<model::Api>& item)
      : b_(b), policies_(policies), item_(item), api_(item.value) {}

  void build() {
    if (!read_well(item_.where) && api_.upstream.where.path.empty()) return;
    for (const std::string& host : api_.hosts) hosts_.push_back(text::to_lower(host));
    path_is_good_ = read_base();
    std::string upstream;
    if (b_.faults.none_in(api_.upstream.where.path)) upstream = find_upstream(b_, api_.upstream);
    add_fallback(upstream);
    for (const schema::Marked<model::Route>& route : api_.routes) add_route(route, upstream);
    add_own_paths();
  }

  // The routes of this API and where each stands.
  [[nodiscard]] std::vector<PlacedRoute> take() {
    if (fallback_.route != nullptr) made_.insert(made_.begin(), std::move(fallback_));
    return std::move(made_);
  }

 private:
  using Levels = std::vector<const PolicyBlocks::Blocks*>;

  [[nodiscard]] bool read_well(const Where& where) const { return b_.faults.none_in(where.path); }

  // The path of the API, without the slash that a root path ends with.
  bool read_base() {
    const schema::Marked<std::string>& path = api_.path;
    if (!path.where.path.empty() && !read_well(path.where)) return false;
    base_ = path.value == "/" ? "" : path.value;
    std::string why;
    if (base_.ends_with("/*")) {
      why = "an API claims everything below its path without a '*'";
    } else if (base_.ends_with('/')) {
      why = "the path of an API does not end with '/'";
    } else {
      std::optional<PathTemplate> parsed = PathTemplate::parse(base_ + "/*", &why);
      if (parsed) {
        fallback_path_ = std::move(*parsed);
        return true;
      }
    }
    b_.error(path.where, std::move(why));
    return false;
  }

  void add_fallback(const std::string& upstream) {
    auto route = std::make_unique<Route>();
    route->name = item_.name;
    route->path = fallback_path_;
    route->origin = place_of(item_.where);
    Levels levels{&api_.keys.policies, &b_.root.policies};
    fill(*route, api_.keys, levels, upstream);
    bool open = check_open(*route, api_.keys.is_public, item_.where);
    api_is_closed_ = !open;
    if (path_is_good_) fallback_ = {.route = std::move(route), .where = item_.where};
  }

  void add_route(const schema::Marked<model::Route>& item, const std::string& api_upstream) {
    const model::Route& from = item.value;
    std::string upstream = api_upstream;
    if (from.upstream && b_.faults.none_in(from.upstream->where.path)) {
      upstream = find_upstream(b_, *from.upstream);
    }
    if (from.path.where.path.empty() || !read_well(from.path.where) || !path_is_good_) return;
    auto route = std::make_unique<Route>();
    std::string why;
    // "/" is the path of the API itself.
    std::string whole = from.path.value == "/" && !base_.empty() ? base_ : base_ + from.path.value;
    std::optional<PathTemplate> path;
    if (!from.path.value.starts_with('/')) {
      why = "must start with '/'";
    } else {
      path = PathTemplate::parse(whole, &why);
    }
    if (!path) {
      b_.error(from.path.where, std::move(why));
      return;
    }
    route->path = std::move(*path);
    route->name = item_.name + ' ' + from.path.value;
    route->origin = place_of(item.where);
    Levels levels{&from.keys.policies, &api_.keys.policies, &b_.root.policies};
    fill(*route, from.keys, levels, upstream);
    if (!api_is_closed_) {
      const auto* is_public = innermost(from.keys.is_public, api_.keys.is_public);
      check_open(*route, is_public != nullptr ? std::optional(*is_public) : std::nullopt,
                 item.where);
    }
    take_from_fallback(*route);
    made_.push_back({.route = std::move(route), .where = item.where});
  }

  // For what policies answer themselves; with all of them, so that limits and CORS count there too.
  void add_own_paths() {
    std::vector<PlacedRoute> own;
    auto add_of = [&](const PlacedRoute& made) {
      if (made.route == nullptr) return;
      for (const PlacedPolicy& placed : made.route->pipeline.policies()) {
        // In monitor mode nobody would answer it.
        if (placed.monitor) continue;
        for (const OwnPath& path : placed.policy->own_paths()) {
          if (std::ranges::any_of(
                  own, [&](const PlacedRoute& one) { return one.route->path.text == path.path; })) {
            continue;
          }
          auto route = std::make_unique<Route>(*made.route);
          route->path = PathTemplate::parse(path.path, nullptr).value();
          route->name = item_.name + ' ' + path.path;
          route->methods = path.methods;
          own.push_back({.route = std::move(route), .where = made.where, .served = path.served});
        }
      }
    };
    add_of(fallback_);
    for (const PlacedRoute& made : made_) add_of(made);
    std::ranges::move(own, std::back_inserter(made_));
  }

  void fill(Route& route, const model::RouteKeys& keys, const Levels& levels,
            const std::string& upstream) {
    const model::RouteKeys& outer = api_.keys;
    route.api = item_.name;
    route.hosts = hosts_;
    route.api_prefix = base_;
    route.upstream_name = upstream;
    if (const auto* methods = innermost(keys.methods, outer.methods))
      route.methods = methods->value;
    if (const auto* rewrite = innermost(keys.rewrite, outer.rewrite)) {
      route.rewrite = rewrite_of(*rewrite, &keys == &outer || keys.rewrite);
    }
    route.request_timeout = b_.root.timeouts.request;
    if (const auto* timeouts = innermost(keys.timeouts, outer.timeouts)) {
      route.request_timeout = timeouts->request.value_or(route.request_timeout);
      route.response_timeout = timeouts->response.value_or(route.response_timeout);
    }
    if (const auto* websocket = innermost(keys.websocket, outer.websocket)) {
      route.websocket = *websocket;
    }
    route.pipeline = Pipeline(policies_.placed(levels));
  }

  // `own`: written at this level, so that what is wrong with it is reported once.
  Rewrite rewrite_of(const schema::Marked<model::Rewrite>& from, bool own) {
    Rewrite rewrite{.prefix = from.value.prefix, .host = from.value.host};
    if (!rewrite.prefix) return rewrite;
    if (own && base_.contains('{')) {
      b_.error(from.where, "\"prefix\" replaces the path of the API, which has parameters here", {},
               schema::code::kConflict);
    }
    if (rewrite.prefix->ends_with('/')) rewrite.prefix->pop_back();
    return rewrite;
  }

  // Whether somebody proves who is calling, or nobody has to.
  bool check_open(const Route& route, const std::optional<schema::Marked<bool>>& is_public,
                  const Where& where) {
    if (is_public && is_public->value) return true;
    bool authenticated =
        std::ranges::any_of(route.pipeline.policies(), [](const PlacedPolicy& placed) {
          // One that is only monitored refuses nobody.
          return placed.stage == Stage::authentication && !placed.monitor;
        });
    if (authenticated) return true;
    Where key{.mark = where.mark, .path = where.path + ".public"};
    if (b_.faults.none_in(key.path)) {
      b_.error(where, "names no way to authenticate callers",
               "Add \"public: true\" if anyone may call it.", "config.not_public");
    }
    return false;
  }

  // A route that claims everything below the API leaves the API what it does not claim.
  void take_from_fallback(const Route& route) {
    if (fallback_.route == nullptr || !same_requests(route.path, fallback_.route->path)) return;
    std::vector<std::string>& methods = fallback_.route->methods;
    if (route.methods.empty()) {
      fallback_.route = nullptr;
    } else if (!methods.empty()) {
      methods = without(methods, route.methods);
      if (methods.empty()) fallback_.route = nullptr;
    }
  }

  static bool same_requests(const PathTemplate& a, const PathTemplate& b) {
    return a.prefix == b.prefix &&
           std::ranges::equal(a.segments, b.segments, [](const auto& x, const auto& y) {
             return x.parameter == y.parameter && (x.parameter || x.text == y.text);
           });
  }

  Building& b_;
  const PolicyBlocks& policies_;
  const schema::Named<model::Api>& item_;
  const model::Api& api_;
  std::vector<std::string> hosts_;
  std::string base_;
  PathTemplate fallback_path_;
  bool path_is_good_ = false;
  bool api_is_closed_ = false;
  PlacedRoute fallback_;
  std::vector<PlacedRoute> made_;
};

// Routes of one API that share a path are told apart by their methods.
void name_apart(std::vector<PlacedRoute>& made) {
  std::map<std::string, int> uses;
  for (const PlacedRoute& one : made) ++uses[one.route->name];
  for (PlacedRoute& one : made) {
    Route& route = *one.route;
    if (uses[route.name] < 2 || route.methods.empty()) continue;
    std::string methods;
    for (const std::string& method : route.methods) {
      methods += (methods.empty() ? "" : ",") + method;
    }
    route.name.insert(route.api.size() + 1, methods + ' ');
  }
}

// Paths that policies of several APIs answer alike belong to the first at each host.
class SharedPaths {
 public:
  // False: the route has no host left.
  bool claim(Route& route, const std::string& served) {
    if (served.empty()) return true;
    std::set<std::string>& claimed = hosts_[{route.path.text, served}];
    if (route.hosts.empty()) return claimed.insert("").second;
    std::erase_if(route.hosts,
                  [&](const std::string& host) { return !claimed.insert(host).second; });
    return !route.hosts.empty();
  }

 private:
  std::map<std::pair<std::string, std::string>, std::set<std::string>> hosts_;
};

void add(Building& b, std::vector<PlacedRoute> made, SharedPaths& shared,
         std::unordered_map<const Route*, Where>& places) {
  for (PlacedRoute& one : made) {
    if (!shared.claim(*one.route, one.served)) continue;
    places.emplace(one.route.get(), std::move(one.where));
    b.snapshot.routes.push_back(std::move(one.route));
  }
}

void build_table(Building& b, const std::unordered_map<const Route*, Where>& places) {
  std::vector<const Route*> routes;
  for (std::size_t i = 0; i < b.snapshot.routes.size(); ++i) {
    b.snapshot.routes[i]->index = static_cast<std::uint32_t>(i);
    routes.push_back(b.snapshot.routes[i].get());
  }
  for (const Ambiguity& found : b.snapshot.table.build(routes)) {
    b.error(places.at(found.second), message_of(found.sentence), {}, schema::code::kConflict);
  }
}

void warn_of_unused(Building& b) {
  // An API that was not read well may be the one that uses it.
  if (!b.faults.none()) return;
  std::set<std::string_view> used;
  for (const std::unique_ptr<Route>& route : b.snapshot.routes) used.insert(route->upstream_name);
  for (const auto& item : b.root.upstreams) {
    if (!used.contains(item.name)) b.warning(item.where, "no API uses this upstream");
  }
}

}  // namespace

void build_routes(Building& b) {
  PolicyBlocks policies(b);
  std::unordered_map<const Route*, Where> places;
  SharedPaths shared;
  for (const schema::Named<model::Api>& item : b.root.apis) {
    std::string fault = name_fault(item.name);
    if (!fault.empty()) b.error(item.where, std::move(fault));
    ApiBuilder builder(b, policies, item);
    builder.build();
    std::vector<PlacedRoute> made = builder.take();
    name_apart(made);
    add(b, std::move(made), shared, places);
  }
  add(b, build_token_service(b, policies), shared, places);
  build_table(b, places);
  warn_of_unused(b);
}

}  // namespace sallyport::config
