// From text to a snapshot: defaults, inheritance, routes, upstreams, and what stays fast.
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/admin_people.h"
#include "config/model_api.h"

namespace sallyport::config {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

LoadOptions plain_options() {
  LoadOptions options;
  options.offline = true;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "TOKEN") return "hush";
    return std::nullopt;
  };
  return options;
}

LoadResult loaded(std::string_view text, const LoadOptions& options = plain_options()) {
  LoadResult result = load_text(text, "conf/api.yaml", options);
  EXPECT_EQ(result.snapshot == nullptr, result.diagnostics.has_errors());
  return result;
}

std::unique_ptr<Snapshot> good(std::string_view text,
                               const LoadOptions& options = plain_options()) {
  LoadResult result = loaded(text, options);
  EXPECT_NE(result.snapshot, nullptr) << result.diagnostics.to_text();
  return std::move(result.snapshot);
}

std::string errors(std::string_view text) { return loaded(text).diagnostics.to_text(); }

const Route* route_named(const Snapshot& snapshot, std::string_view name) {
  for (const auto& route : snapshot.routes) {
    if (route->name == name) return route.get();
  }
  ADD_FAILURE() << "no route is named " << name;
  return snapshot.routes.front().get();
}

std::vector<std::string> route_names(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const auto& route : snapshot.routes) names.push_back(route->name);
  return names;
}

std::vector<std::string> policies_of(const Route& route) {
  std::vector<std::string> policies;
  for (const PlacedPolicy& placed : route.pipeline.policies()) {
    policies.push_back(placed.name + " " + placed.origin + (placed.monitor ? " monitor" : ""));
  }
  std::ranges::sort(policies);
  return policies;
}

constexpr std::string_view kSmallest = R"(
listen: ":8443"
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true}
)";

TEST(Load, FillsInDefaults) {
  auto snapshot = good(kSmallest);
  ASSERT_EQ(snapshot->listeners.size(), 1U);
  const Listener& listener = snapshot->listeners[0];
  EXPECT_EQ(listener.text, ":8443");
  ASSERT_EQ(listener.addresses.size(), 1U);
  EXPECT_EQ(listener.addresses[0].text(), "[::]:8443");
  EXPECT_FALSE(listener.secure);
  EXPECT_EQ(listener.tls, nullptr);

  EXPECT_GE(snapshot->workers, 1U);
  EXPECT_EQ(snapshot->admin.address, "127.0.0.1:9901");
  EXPECT_EQ(snapshot->admin.socket_address.text(), "127.0.0.1:9901");
  EXPECT_EQ(snapshot->timeouts.header, 10s);
  EXPECT_EQ(snapshot->limits.header_count, 100U);
  EXPECT_EQ(snapshot->log.access, "-");
  EXPECT_THAT(snapshot->log.mask_headers, Contains("authorization"));
  EXPECT_EQ(snapshot->drain, 30s);
  EXPECT_EQ(snapshot->file, "conf/api.yaml");
  EXPECT_EQ(snapshot->fingerprint.size(), 12U);
  EXPECT_THAT(snapshot->watched, ElementsAre("conf/api.yaml"));
  EXPECT_THAT(route_names(*snapshot), ElementsAre("orders"));
}

TEST(Load, KnowsWhoMaySignInAtTheAdminListener) {
  LoadOptions options = plain_options();
  options.open_files = false;
  auto snapshot = good(R"(
listen: ":8443"
admin:
  address: "127.0.0.1:9902"
  tls: {client_ca: people.pem, client_certificate: request}
  certificates: {admin: {subject: "CN=ada"}, viewer: {san_uri: "spiffe://x/grafana"}}
  oidc:
    issuer: https://login.example.com
    audience: [gw, other]
    max_age: 1h
    roles: {claim: realm.groups, operator: duty, admin: [platform, "site owners"]}
  rate_limit: 120/m
apis:
  orders: {upstream: "http://127.0.0.1:9000", public: true}
)",
                       options);
  EXPECT_TRUE(snapshot->admin.secure);
  EXPECT_DOUBLE_EQ(snapshot->admin.requests_per_second, 2);
  EXPECT_DOUBLE_EQ(snapshot->admin.most_requests_at_once, 20);
  EXPECT_THAT(snapshot->watched, Contains("conf/people.pem"));
  ASSERT_NE(snapshot->admin.people, nullptr);
  const AdminPeople& people = *snapshot->admin.people;
  EXPECT_EQ(people.certificates.find("CN=ada", "", {}).whose, "admin");
  EXPECT_EQ(people.certificates.find("CN=eve", "", {}).whose, "");
  ASSERT_TRUE(people.oidc);
  EXPECT_THAT(people.oidc->expected.audiences, ElementsAre("gw", "other"));
  EXPECT_FALSE(people.oidc->expected.algorithms.contains(jose::Algorithm::hs256));
  EXPECT_TRUE(people.oidc->expected.algorithms.contains(jose::Algorithm::es256));
  EXPECT_EQ(people.oidc->max_age, std::chrono::hours(1));
  EXPECT_EQ(people.oidc->roles.at("duty"), store::AdminRole::operate);
  EXPECT_EQ(people.oidc->roles.at("site owners"), store::AdminRole::admin);
}

TEST(Load, TakesEveryKeyOfTheProcess) {
  auto snapshot = good(R"(
listen: {address: "[::1]:0", proxy_protocol: true}
admin: off
workers: 3
user: nobody
drain: 5s
log: {access: logs/access.log, mask: {headers: [X-Key, Cookie], query: voucher}}
timeouts: {handshake: 1s, header: 2s, body: 3s, send: 4s, idle: 5s, half_closed: 6s, request: 7s,
           tunnel_idle: 8s, tunnel_lifetime: 9s, min_body_rate: 10}
limits: {request_line: 1KiB, header_field: 2KiB, header_bytes: 3KiB, header_count: 4,
         trailer_bytes: 5, connections: 6, connections_per_client: 7}
http: {underscores: allow, merge_slashes: true}
trusted_proxies: 10.0.0.0/8
client_address: forwarded
trail: {records: 8}
apis:
  orders: {upstream: "http://127.0.0.1:9000", public: true}
)");
  EXPECT_EQ(snapshot->listeners[0].addresses[0].text(), "[::1]:0");
  EXPECT_TRUE(snapshot->listeners[0].proxy_protocol);
  EXPECT_EQ(snapshot->admin.address, "");
  EXPECT_EQ(snapshot->workers, 3U);
  EXPECT_EQ(snapshot->user, "nobody");
  EXPECT_EQ(snapshot->drain, 5s);
  EXPECT_EQ(snapshot->log.access, "conf/logs/access.log");
  EXPECT_THAT(snapshot->log.mask_headers, AllOf(Contains("x-key"), Contains("set-cookie")));
  EXPECT_THAT(snapshot->log.mask_query, AllOf(Contains("voucher"), Contains("access_token")));
  const Timeouts& t = snapshot->timeouts;
  EXPECT_EQ(t.handshake, 1s);
  EXPECT_EQ(t.header, 2s);
  EXPECT_EQ(t.body, 3s);
  EXPECT_EQ(t.send, 4s);
  EXPECT_EQ(t.idle, 5s);
  EXPECT_EQ(t.half_closed, 6s);
  EXPECT_EQ(t.request, 7s);
  EXPECT_EQ(t.tunnel_idle, 8s);
  EXPECT_EQ(t.tunnel_lifetime, 9s);
  EXPECT_EQ(t.min_body_rate, 10U);
  EXPECT_EQ(snapshot->limits.request_line, 1024U);
  EXPECT_EQ(snapshot->limits.header_field, 2048U);
  EXPECT_EQ(snapshot->limits.header_bytes, 3072U);
  EXPECT_EQ(snapshot->limits.header_count, 4U);
  EXPECT_EQ(snapshot->limits.trailer_bytes, 5U);
  EXPECT_EQ(snapshot->connections.total, 6U);
  EXPECT_EQ(snapshot->connections.per_client, 7U);
  EXPECT_EQ(snapshot->underscores, http::Underscores::allow);
  EXPECT_TRUE(snapshot->merge_slashes);
  EXPECT_TRUE(snapshot->trusted_proxies.contains(*net::Address::parse("10.1.2.3")));
  EXPECT_EQ(snapshot->forwarded_by, http::ForwardedBy::forwarded);
  EXPECT_EQ(snapshot->trail_records, 8U);
  EXPECT_EQ(snapshot->routes[0]->path.text, "/*");
  EXPECT_EQ(snapshot->routes[0]->request_timeout, 7s);
}

TEST(Load, WarnsAboutPlainHttpOnlyWhereOthersReachIt) {
  EXPECT_THAT(errors(kSmallest), HasSubstr("warning: listen: this listener speaks plain HTTP"));
  EXPECT_EQ(errors(R"(
listen: ["127.0.0.1:8080", "localhost:8081", "[::1]:8080", {address: ":8082", tls: off}]
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true}
)"),
            "");
}

TEST(Load, MakesADevelopmentCertificateForLoopbackOnly) {
  LoadResult result = loaded(R"(
listen:
  - {address: "127.0.0.1:0", tls: {}}
  - {address: "127.0.0.1:8443", tls: {}}
  - {address: "[::1]:8444", tls: {}}
  - {address: "[::1]:8080", redirect_to_https: true}
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true}
)");
  ASSERT_NE(result.snapshot, nullptr) << result.diagnostics.to_text();
  EXPECT_EQ(result.diagnostics.warnings(), 3U);
  const std::vector<Listener>& listeners = result.snapshot->listeners;
  EXPECT_TRUE(listeners[0].secure);
  EXPECT_NE(listeners[0].tls, nullptr);
  EXPECT_EQ(listeners[3].redirect_port, 8444) << "the listener on the same host";
}

TEST(Load, OpensNoFilesWhenToldSo) {
  constexpr std::string_view kText = R"(
listen: {address: ":8443", tls: {certificates: {cert: no.pem, key: sub/../no.key}}}
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true}
)";
  LoadOptions options = plain_options();
  EXPECT_EQ(loaded(kText, options).snapshot, nullptr);
  options.open_files = false;
  LoadResult result = loaded(kText, options);
  ASSERT_NE(result.snapshot, nullptr) << result.diagnostics.to_text();
  EXPECT_TRUE(result.snapshot->listeners[0].secure);
  EXPECT_EQ(result.snapshot->listeners[0].tls, nullptr);
  EXPECT_THAT(result.watched, ElementsAre("conf/api.yaml", "conf/no.key", "conf/no.pem"));
}

TEST(Load, KnowsWhatToWatchEvenIfItFails) {
  LoadResult result = loaded(R"(
listen: {address: ":8443", tls: {certificates: {cert: no.pem, key: no.key}}}
user: "${file:user.txt}"
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000"}
)");
  EXPECT_EQ(result.snapshot, nullptr);
  EXPECT_THAT(result.watched,
              ElementsAre("conf/api.yaml", "conf/no.key", "conf/no.pem", "conf/user.txt"));
  EXPECT_THAT(load("does/not/exist.yaml").watched, ElementsAre("does/not/exist.yaml"));
}

TEST(Load, SaysThatAFileIsNotThere) {
  LoadResult result = load("does/not/exist.yaml");
  EXPECT_EQ(result.snapshot, nullptr);
  EXPECT_EQ(result.diagnostics.to_text(),
            "does/not/exist.yaml: error: the file cannot be opened\n");
  EXPECT_EQ(load("/").snapshot, nullptr);
}

TEST(Load, TellsContentsApartByFingerprintAndKeepsTheText) {
  LoadOptions options = plain_options();
  LoadResult one = load_text(kSmallest, "a.yaml", options);
  LoadResult two = load_text(std::string(kSmallest) + "# more\n", "a.yaml", options);
  EXPECT_EQ(two.text, std::string(kSmallest) + "# more\n");
  EXPECT_NE(one.snapshot->fingerprint, two.snapshot->fingerprint);
}

TEST(Upstreams, AreMadeFromNamesAndFromUrls) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
upstreams:
  orders:
    endpoints: [{url: "http://10.0.0.1:9000", weight: 7}, "http://[::1]:9001"]
    balance: consistent_hash
    hash: {cookie: session}
    health: {path: /healthz, every: 1s, timeout: 100ms, healthy_after: 4, unhealthy_after: 5}
    ejection: {consecutive_failures: 1, base: 1s, most: 2s, most_percent: 3}
    slow_start: 6s
    timeouts: {connect: 7s, response: 8s, idle: 9s}
    keep_alive: {idle: 10s, connections: 11}
  calm: {endpoints: "http://calm.internal", ejection: off}
apis:
  orders: {path: /orders, upstream: orders, public: true}
  calm: {path: /calm, upstream: calm, public: true}
  url: {path: /url, upstream: "http://127.0.0.1", public: true}
  same: {path: /same, upstream: "http://127.0.0.1:80", public: true}
)");
  ASSERT_EQ(snapshot->upstreams.size(), 3U);
  const upstream::Settings& orders = snapshot->upstreams.at("orders").settings;
  EXPECT_EQ(orders.name, "orders");
  ASSERT_EQ(orders.endpoints.size(), 2U);
  EXPECT_EQ(orders.endpoints[0], (upstream::EndpointSettings{"10.0.0.1", 9000, 7}));
  EXPECT_EQ(orders.endpoints[1], (upstream::EndpointSettings{"::1", 9001, 1}));
  EXPECT_EQ(orders.balance, upstream::Balance::consistent_hash);
  EXPECT_EQ(orders.hash_source, upstream::HashSource::cookie);
  EXPECT_EQ(orders.hash_name, "session");
  ASSERT_TRUE(orders.health);
  EXPECT_EQ(orders.health->path, "/healthz");
  EXPECT_EQ(orders.health->timeout, 100ms);
  EXPECT_EQ(orders.health->unhealthy_after, 5U);
  EXPECT_EQ(orders.ejection.most, 2s);
  EXPECT_EQ(orders.slow_start, 6s);
  EXPECT_EQ(orders.connect_timeout, 7s);
  EXPECT_EQ(orders.response_timeout, 8s);
  EXPECT_EQ(orders.idle_timeout, 9s);
  EXPECT_EQ(orders.keep_alive, 10s);
  EXPECT_EQ(orders.keep_alive_connections, 11U);
  EXPECT_EQ(orders.tls, nullptr);

  const upstream::Settings& calm = snapshot->upstreams.at("calm").settings;
  EXPECT_EQ(calm.ejection.consecutive_failures, 0U);
  EXPECT_FALSE(calm.health);
  EXPECT_EQ(calm.endpoints[0].port, 80);

  EXPECT_EQ(route_named(*snapshot, "url")->upstream_name, "http://127.0.0.1");
  EXPECT_EQ(route_named(*snapshot, "same")->upstream_name, "http://127.0.0.1");
}

TEST(Upstreams, ShareTlsContextsWithEqualOptions) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
upstreams:
  a: {endpoints: "https://a.internal"}
  b: {endpoints: "https://b.internal", tls: {server_name: other.internal}}
  c: {endpoints: "https://c.internal", tls: {verify: false}}
apis:
  a: {path: /a, upstream: a, public: true}
  b: {path: /b, upstream: b, public: true}
  c: {path: /c, upstream: c, public: true}
)");
  const upstream::Settings& a = snapshot->upstreams.at("a").settings;
  const upstream::Settings& b = snapshot->upstreams.at("b").settings;
  const upstream::Settings& c = snapshot->upstreams.at("c").settings;
  EXPECT_NE(a.tls, nullptr);
  EXPECT_EQ(a.tls, b.tls);
  EXPECT_EQ(b.tls_server_name, "other.internal");
  EXPECT_NE(a.tls, c.tls);
  EXPECT_EQ(a.tls_fingerprint, b.tls_fingerprint);
  EXPECT_NE(a.tls_fingerprint, c.tls_fingerprint);
}

TEST(Routes, InheritFromTheirApiAndReplaceWhole) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
timeouts: {request: 1m}
upstreams: {other: {endpoints: "http://10.0.0.2"}}
apis:
  orders:
    hosts: API.example.com
    path: /orders
    methods: [GET, POST]
    upstream: http://127.0.0.1:9000
    public: true
    rewrite: {prefix: /v2, host: inside}
    timeouts: {request: 10s, response: 5s}
    websocket: false
    routes:
      - {path: "/{id}"}
      - path: /own
        methods: DELETE
        upstream: other
        rewrite: {prefix: /}
        timeouts: {response: 3s}
        websocket: true
      - {path: /}
)");
  EXPECT_THAT(route_names(*snapshot),
              ElementsAre("orders", "orders /{id}", "orders /own", "orders /"));
  const Route& api = *snapshot->routes[0];
  EXPECT_EQ(api.index, 0U);
  EXPECT_EQ(api.path.text, "/orders/*");
  EXPECT_TRUE(api.path.prefix);
  EXPECT_THAT(api.hosts, ElementsAre("api.example.com"));
  EXPECT_THAT(api.methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(api.api_prefix, "/orders");
  EXPECT_EQ(api.origin, "conf/api.yaml:6:3");
  EXPECT_EQ(api.upstream_name, "http://127.0.0.1:9000");

  const Route& inherits = *snapshot->routes[1];
  EXPECT_EQ(inherits.path.text, "/orders/{id}");
  EXPECT_THAT(inherits.hosts, ElementsAre("api.example.com"));
  EXPECT_THAT(inherits.methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(inherits.rewrite.prefix, "/v2");
  EXPECT_EQ(inherits.rewrite.host, "inside");
  EXPECT_EQ(inherits.request_timeout, 10s);
  EXPECT_EQ(inherits.response_timeout, 5s);
  EXPECT_FALSE(inherits.websocket);

  const Route& own = *snapshot->routes[2];
  EXPECT_THAT(own.methods, ElementsAre("DELETE"));
  EXPECT_EQ(own.upstream_name, "other");
  EXPECT_EQ(own.rewrite.prefix, "");
  EXPECT_EQ(own.rewrite.host, std::nullopt);
  EXPECT_EQ(own.request_timeout, 60s) << "the top-level one, not that of the replaced block";
  EXPECT_EQ(own.response_timeout, 3s);
  EXPECT_TRUE(own.websocket);

  EXPECT_EQ(snapshot->routes[3]->path.text, "/orders");
}

TEST(Routes, LeaveTheApiWhatTheyDoNotClaim) {
  constexpr std::string_view kHead = R"(
listen: "127.0.0.1:8080"
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true, )";
  auto names = [&](std::string_view rest) {
    return route_names(*good(std::string(kHead) + std::string(rest) + "}\n"));
  };
  EXPECT_THAT(names("routes: [{path: '/*'}]"), ElementsAre("orders /*"));
  EXPECT_THAT(names("routes: [{path: '/*', methods: GET}]"), ElementsAre("orders", "orders /*"));
  EXPECT_THAT(names("methods: [GET, HEAD], routes: [{path: '/*', methods: GET}]"),
              ElementsAre("orders /*"));
  EXPECT_THAT(names("routes: [{path: /a, methods: GET}, {path: /a, methods: [PUT, POST]}]"),
              ElementsAre("orders", "orders GET /a", "orders PUT,POST /a"));
}

TEST(Policies, AreTakenFromTheInnermostLevel) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
ip_allow: {allow: [10.0.0.0/8]}
request_limits: off
apis:
  plain: {path: /plain, upstream: "http://127.0.0.1:9000", public: true}
  own:
    path: /own
    upstream: http://127.0.0.1:9000
    public: true
    ip_allow: {allow: [127.0.0.1], mode: monitor}
    security_headers: off
    routes:
      - {path: /none, ip_allow: off}
      - {path: /again, request_limits: {body: 1MiB}}
)");
  EXPECT_THAT(policies_of(*route_named(*snapshot, "plain")),
              ElementsAre("ip_allow conf/api.yaml:3", "security_headers default"));
  EXPECT_THAT(policies_of(*route_named(*snapshot, "own")),
              ElementsAre("ip_allow conf/api.yaml:11 monitor"));
  EXPECT_THAT(policies_of(*route_named(*snapshot, "own /none")), IsEmpty());
  EXPECT_THAT(policies_of(*route_named(*snapshot, "own /again")),
              ElementsAre("ip_allow conf/api.yaml:11 monitor", "request_limits conf/api.yaml:15"));
}

TEST(Policies, AreMadeOnceForAllRoutesOfTheirLevel) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
ip_allow: {allow: [10.0.0.0/8]}
apis:
  a: {path: /a, upstream: "http://127.0.0.1:9000", public: true}
  b: {path: /b, upstream: "http://127.0.0.1:9000", public: true}
)");
  auto policy = [&](std::size_t index) {
    return snapshot->routes[index]->pipeline.policies().front().policy;
  };
  EXPECT_EQ(policy(0), policy(1));
}

TEST(Policies, LoadTheirOwnExamplesAtEveryLevel) {
  ASSERT_FALSE(known_policies().empty());
  for (const PolicyType& type : known_policies()) {
    std::string block = type.name + ": " + type.example;
    std::ranges::replace(block, '\n', ' ');
    auto snapshot =
        good("listen: \"127.0.0.1:8080\"\n" + block +
             "\napis:\n  a:\n    upstream: http://127.0.0.1:9000\n    public: true\n    " + block +
             "\n    routes:\n      - path: /x\n        " + block + "\n");
    ASSERT_NE(snapshot, nullptr) << type.name;
    EXPECT_THAT(policies_of(*route_named(*snapshot, "a /x")),
                Contains(AllOf(StartsWith(type.name + " "), EndsWith(":10"))));
  }
}

TEST(Redacted, ShowsDefaultsAndReferencesButNoSecrets) {
  auto snapshot = good(R"(
listen: "127.0.0.1:8080"
apis:
  orders:
    path: /orders
    upstream: http://127.0.0.1:9000
    public: true
    headers: {request: {set: {X-Token: "Bearer ${env:TOKEN}"}}}
)");
  const std::string& text = snapshot->redacted;
  EXPECT_THAT(text, Not(HasSubstr("hush")));
  EXPECT_THAT(text, HasSubstr("${env:TOKEN}"));
  EXPECT_THAT(text, HasSubstr("\"header\": \"10s\""));
  EXPECT_THAT(text, HasSubstr("\"security_headers\": {"));
  EXPECT_THAT(text, HasSubstr("\"address\": \"127.0.0.1:9901\""));
  EXPECT_THAT(text, Not(HasSubstr("\"cors\""))) << "what is not on is not shown";
  EXPECT_THAT(text, Not(HasSubstr("\"tls\"")));
}

TEST(Redacted, KeepsWhatOnlyLooksLikeAReference) {
  constexpr std::string_view kText = R"(
listen: "127.0.0.1:8080"
user: "$${env:TOKEN}"
apis:
  orders: {path: /orders, upstream: "http://127.0.0.1:9000", public: true}
)";
  auto snapshot = good(kText);
  EXPECT_EQ(snapshot->user, "${env:TOKEN}");
  EXPECT_THAT(snapshot->redacted, HasSubstr("\"user\": \"$${env:TOKEN}\""));
}

// Of this thread, so that a busy machine makes no difference.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

TEST(Load, IsQuickWithTenThousandRoutes) {
  std::string text = "listen: \"127.0.0.1:8080\"\napis:\n";
  for (int i = 0; i < 5000; ++i) {
    std::string name = "api" + std::to_string(i);
    text += "  " + name + ":\n    path: /" + name +
            "\n    upstream: http://127.0.0.1:9000\n    public: true\n" +
            "    rewrite: {prefix: /x}\n    request_limits: {body: 1MiB}\n" +
            "    routes:\n      - {path: \"/{id}\", methods: [GET, PUT]}\n";
  }
  double begin = cpu_seconds();
  auto snapshot = good(text);
  double took = cpu_seconds() - begin;
  EXPECT_EQ(snapshot->routes.size(), 10'000U);
  RecordProperty("seconds", std::to_string(took));
  // Under sanitizers; released it is half a second.
  EXPECT_LT(took, 20.0);
}

}  // namespace
}  // namespace sallyport::config
