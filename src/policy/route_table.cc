// All routes in one trie of path segments, whose edges live in one hash table: finding a route
// costs a look-up per segment, however many routes there are.
//
// A host is the first edge of its trie; hosts under a wildcard and "any host" have roots of their
// own. Nothing is inserted after `build`, so requests cannot make the table slower.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "policy/route.h"

namespace sallyport {
namespace {

using Parameters = std::array<std::string_view, 8>;
using NodeId = std::uint32_t;

constexpr NodeId kNone = 0xFFFFFFFF;
// The first nodes of the table: parents of the edges that are hosts, and the root for any host.
constexpr NodeId kExactHosts = 0;
constexpr NodeId kWildcardHosts = 1;
constexpr NodeId kAnyHost = 2;

constexpr unsigned bit_of(http::Method method) { return 1U << static_cast<unsigned>(method); }

// Routes of one host and one path pattern; they differ in their methods.
struct Candidate {
  const Route* route;
  unsigned methods;  // bits of http::Method; 0: any
};
using Endpoint = std::vector<Candidate>;

struct Node {
  NodeId parameter = kNone;
  Endpoint exact;   // the path ends here
  Endpoint prefix;  // the path ends here or goes on
};

unsigned method_bits(const Route& route) {
  unsigned bits = 0;
  for (const std::string& name : route.methods) {
    http::Method method = http::method_id(name);
    bits |= bit_of(method);
    if (method == http::Method::get) bits |= bit_of(http::Method::head);
  }
  return bits;
}

bool has_method(const Route& route, std::string_view method) {
  return std::ranges::find(route.methods, method) != route.methods.end();
}

// A listed method comes before "any method", which takes the rest.
const Route* pick(const Endpoint& endpoint, http::Method id, std::string_view name) {
  const Route* any = nullptr;
  for (const Candidate& candidate : endpoint) {
    if (candidate.methods == 0) {
      any = candidate.route;
    } else if ((candidate.methods & bit_of(id)) != 0 &&
               (id != http::Method::other || has_method(*candidate.route, name))) {
      return candidate.route;
    }
  }
  return any;
}

std::string allowed_methods(const Endpoint& endpoint) {
  std::vector<std::string_view> names;
  for (const Candidate& candidate : endpoint) {
    for (const std::string& name : candidate.route->methods) {
      names.emplace_back(name);
      if (name == "GET") names.emplace_back("HEAD");
    }
  }
  std::ranges::sort(names);
  auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::string list;
  for (std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

// A method both routes list; "any method" when both take any; empty: they do not collide.
std::string_view shared_method(const Route& a, const Route& b) {
  if (a.methods.empty() && b.methods.empty()) return "any method";
  for (const std::string& name : a.methods) {
    if (has_method(b, name)) return name;
    if (name == "GET" && has_method(b, "HEAD")) return "HEAD";
    if (name == "HEAD" && has_method(b, "GET")) return "HEAD";
  }
  return {};
}

Ambiguity ambiguity(const Route& a, const Route& b, std::string_view method,
                    std::string_view host) {
  std::string sentence = "routes '" + a.name + "' (" + a.origin + ") and '" + b.name + "' (" +
                         b.origin + ") both claim " + std::string(method) + " " + a.path.text;
  if (a.path.text != b.path.text) sentence += " (the same as " + b.path.text + ")";
  if (!host.empty()) sentence += " on " + std::string(host);
  return {.first = &a, .second = &b, .sentence = sentence + "."};
}

}  // namespace

struct RouteTable::Index {
  struct Edge {
    std::size_t hash = 0;
    NodeId parent = kNone;
    NodeId child = kNone;  // kNone: a free place
    std::string_view text;
  };

  std::vector<Node> nodes = std::vector<Node>(3);
  std::vector<Edge> edges;  // open addressing, a power of two, at most half full
  std::size_t edge_count = 0;
  std::size_t longest_wildcard = 0;  // bytes of the longest ".example.com"

  static std::size_t hash_of(NodeId parent, std::string_view text) {
    std::size_t hash = std::hash<std::string_view>{}(text);
    hash ^= (parent + 1) * std::size_t{0x9E3779B97F4A7C15};
    return hash ^ (hash >> 32);
  }

  [[nodiscard]] NodeId child(NodeId parent, std::string_view text) const {
    if (edges.empty()) return kNone;
    std::size_t hash = hash_of(parent, text);
    std::size_t mask = edges.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      const Edge& edge = edges[i];
      if (edge.child == kNone) return kNone;
      if (edge.hash == hash && edge.parent == parent && edge.text == text) return edge.child;
    }
  }

  void place(const Edge& edge) {
    std::size_t mask = edges.size() - 1;
    std::size_t i = edge.hash & mask;
    while (edges[i].child != kNone) i = (i + 1) & mask;
    edges[i] = edge;
  }

  NodeId new_node() {
    nodes.emplace_back();
    return static_cast<NodeId>(nodes.size() - 1);
  }

  // `text` must live as long as the table.
  NodeId make_child(NodeId parent, std::string_view text) {
    if (NodeId found = child(parent, text); found != kNone) return found;
    if ((edge_count + 1) * 2 > edges.size()) {
      std::vector<Edge> old(std::max<std::size_t>(16, edges.size() * 2));
      old.swap(edges);
      for (const Edge& edge : old) {
        if (edge.child != kNone) place(edge);
      }
    }
    NodeId made = new_node();
    place({.hash = hash_of(parent, text), .parent = parent, .child = made, .text = text});
    ++edge_count;
    return made;
  }

  NodeId make_parameter(NodeId parent) {
    if (nodes[parent].parameter != kNone) return nodes[parent].parameter;
    NodeId made = new_node();
    nodes[parent].parameter = made;
    return made;
  }

  NodeId make_root(std::string_view host) {
    if (host.empty() || host == "*") return kAnyHost;
    if (!host.starts_with("*.")) return make_child(kExactHosts, host);
    host.remove_prefix(1);
    longest_wildcard = std::max(longest_wildcard, host.size());
    return make_child(kWildcardHosts, host);
  }

  Endpoint& make_endpoint(std::string_view host, const PathTemplate& path) {
    std::span<const PathTemplate::Segment> segments = path.segments;
    // "/orders/" as a prefix claims what "/orders" does.
    if (path.prefix && !segments.empty() && segments.back().text.empty()) {
      segments = segments.first(segments.size() - 1);
    }
    NodeId node = make_root(host);
    for (const PathTemplate::Segment& segment : segments) {
      node = segment.parameter ? make_parameter(node) : make_child(node, segment.text);
    }
    return path.prefix ? nodes[node].prefix : nodes[node].exact;
  }

  // `rest` is the path from the next segment on, with its slash; empty: the path has ended.
  // Literals before parameters before the prefix that ends here, and back when nothing fits.
  const Endpoint* descend(NodeId id, std::string_view rest, std::size_t parameter,
                          Parameters& parameters) const {
    const Node& node = nodes[id];
    if (rest.empty()) {
      if (!node.exact.empty()) return &node.exact;
    } else {
      std::size_t slash = rest.find('/', 1);
      std::string_view segment = rest.substr(1, slash == rest.npos ? slash : slash - 1);
      std::string_view after = slash == rest.npos ? std::string_view() : rest.substr(slash);
      if (NodeId next = child(id, segment); next != kNone) {
        if (const Endpoint* found = descend(next, after, parameter, parameters)) return found;
      }
      if (node.parameter != kNone && !segment.empty()) {
        const Endpoint* found = descend(node.parameter, after, parameter + 1, parameters);
        if (found != nullptr) {
          parameters[parameter] = segment;
          return found;
        }
      }
    }
    return node.prefix.empty() ? nullptr : &node.prefix;
  }

  const Endpoint* find(NodeId root, std::string_view path, Parameters& parameters) const {
    if (root == kNone) return nullptr;
    if (path.starts_with('/')) return descend(root, path, 0, parameters);
    return nodes[root].prefix.empty() ? nullptr : &nodes[root].prefix;  // "*"
  }

  const Endpoint* find(std::string_view host, std::string_view path, Parameters& parameters) const {
    if (const Endpoint* found = find(child(kExactHosts, host), path, parameters)) return found;
    if (longest_wildcard != 0) {
      // At least one byte stands before the dot.
      std::size_t from = host.size() > longest_wildcard ? host.size() - longest_wildcard : 1;
      for (std::size_t dot = host.find('.', from); dot != host.npos;
           dot = host.find('.', dot + 1)) {
        NodeId root = child(kWildcardHosts, host.substr(dot));
        if (const Endpoint* found = find(root, path, parameters)) return found;
      }
    }
    return find(kAnyHost, path, parameters);
  }
};

RouteTable::RouteTable() : index_(std::make_unique<Index>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

std::vector<Ambiguity> RouteTable::build(const std::vector<const Route*>& routes) {
  auto index = std::make_unique<Index>();
  std::vector<Ambiguity> ambiguities;

  for (const Route* route : routes) {
    auto claim = [&](std::string_view host) {
      Endpoint& endpoint = index->make_endpoint(host, route->path);
      for (const Candidate& other : endpoint) {
        if (other.route == route) return;  // a host listed twice
        std::string_view method = shared_method(*other.route, *route);
        if (method.empty()) continue;
        // One clash is enough to say about a route, and it takes no place: a template that made
        // thousands of them must not cost their square.
        ambiguities.push_back(ambiguity(*other.route, *route, method, host));
        return;
      }
      endpoint.push_back({.route = route, .methods = method_bits(*route)});
    };
    if (route->hosts.empty()) claim({});
    for (const std::string& host : route->hosts) claim(host);
  }
  index_ = std::move(index);
  return ambiguities;
}

RouteMatch RouteTable::match(const http::Request& request,
                             std::array<std::string_view, 8>& parameters) const {
  const Endpoint* endpoint = index_->find(request.host, request.path, parameters);
  if (endpoint == nullptr) return {};

  // A preflight asks about another request, and is answered where that request would go.
  using http::HeaderId;
  if (request.method_id == http::Method::options && request.headers.maybe_has(HeaderId::origin) &&
      request.headers.maybe_has(HeaderId::access_control_request_method)) {
    std::string_view method = request.headers.get(HeaderId::access_control_request_method);
    const Route* asked_for = pick(*endpoint, http::method_id(method), method);
    if (asked_for != nullptr && asked_for->pipeline.answers_preflight()) {
      return {.route = asked_for};
    }
  }

  if (const Route* route = pick(*endpoint, request.method_id, request.method)) {
    return {.route = route};
  }
  return {.method_refused = true, .allowed = allowed_methods(*endpoint)};
}

}  // namespace sallyport
