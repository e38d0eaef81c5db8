#include "gateway/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace sallyport::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Decision = ExplainedPolicy::Decision;

constexpr std::string_view kFile = R"(
listen:
  - "127.0.0.1:8443"
  - {address: "127.0.0.1:8080", redirect_to_https: true}
trusted_proxies: [10.0.0.0/8]
upstreams:
  orders: {endpoints: [http://127.0.0.1:9000, "http://[::1]:9001"]}
apis:
  orders:
    hosts: [api.example.com]
    path: /orders
    upstream: orders
    public: true
    rewrite: {prefix: /v1, host: inside.example}
    ip_allow: {allow: [192.0.2.0/24, 127.0.0.1]}
    routes:
      - path: /{id}/invoice
        methods: [GET]
      - path: /watched
        ip_allow: {allow: [198.51.100.0/24], mode: monitor}
  pages:
    path: /pages
    upstream: http://127.0.0.1:9002
    public: true
    cors: {allow_origins: ["https://app.example"]}
)";

class Explain : public ::testing::Test {
 protected:
  Explain() {
    config::LoadOptions options;
    options.offline = true;
    options.open_files = false;
    config::LoadResult loaded = config::load_text(kFile, "t.yaml", options);
    EXPECT_NE(loaded.snapshot, nullptr) << loaded.diagnostics.to_text();
    snapshot_ = std::move(loaded.snapshot);
  }
  Explanation ask(const SyntheticRequest& request) {
    std::string error;
    std::optional<Explanation> explanation = explain(snapshot_, request, error);
    EXPECT_TRUE(explanation) << error;
    return explanation.value_or(Explanation{});
  }
  Explanation ask(const std::string& method, const std::string& url,
                  const std::string& client = {}) {
    return ask({.method = method, .url = url, .client = client, .headers = {}});
  }
  static const ExplainedPolicy* policy(const Explanation& explanation, std::string_view name) {
    for (const ExplainedPolicy& each : explanation.policies) {
      if (each.name == name) return &each;
    }
    return nullptr;
  }

  std::shared_ptr<const config::Snapshot> snapshot_;
};

TEST_F(Explain, FollowsARequestToItsUpstream) {
  Explanation e = ask("GET", "https://API.example.com/orders/x/../7/invoice?a=%41", "192.0.2.7");
  EXPECT_EQ(outcome_of(e), "forwarded");
  EXPECT_EQ(e.host, "api.example.com");
  EXPECT_EQ(e.path, "/orders/7/invoice");
  EXPECT_EQ(e.query, "a=%41");
  EXPECT_TRUE(e.tls);
  ASSERT_TRUE(e.route);
  EXPECT_EQ(e.route->name, "orders /{id}/invoice");
  EXPECT_EQ(e.route->pattern, "/orders/{id}/invoice");
  EXPECT_THAT(e.route->origin, HasSubstr("t.yaml:17:"));
  EXPECT_THAT(e.route->parameters, ElementsAre(std::pair<std::string, std::string>("id", "7")));
  ASSERT_NE(policy(e, "ip_allow"), nullptr);
  EXPECT_EQ(policy(e, "ip_allow")->decision, Decision::passes);
  EXPECT_EQ(policy(e, "ip_allow")->stage, "admission");
  ASSERT_NE(policy(e, "security_headers"), nullptr);
  EXPECT_EQ(policy(e, "security_headers")->decision, Decision::later);
  ASSERT_TRUE(e.upstream);
  EXPECT_EQ(e.upstream->name, "orders");
  EXPECT_EQ(e.upstream->target, "/v1/7/invoice?a=%41");
  EXPECT_EQ(e.upstream->host, "inside.example");
  ASSERT_EQ(e.upstream->endpoints.size(), 2U);
  EXPECT_EQ(e.upstream->endpoints[1].address, "http://[::1]:9001");
  EXPECT_EQ(e.upstream->endpoints[1].state, "configured");
}

TEST_F(Explain, StopsWhereAPolicyStops) {
  Explanation e = ask("GET", "http://api.example.com/orders/7", "203.0.113.9");
  EXPECT_EQ(outcome_of(e), "refused");
  ASSERT_TRUE(e.end);
  EXPECT_EQ(e.end->code, "ip_allow.not_allowed");
  EXPECT_EQ(e.end->status, 403);
  EXPECT_THAT(e.end->detail, HasSubstr("203.0.113.9"));
  EXPECT_EQ(policy(e, "ip_allow")->decision, Decision::stops);
  EXPECT_FALSE(e.upstream);
  bool behind = false;
  for (const ExplainedPolicy& each : e.policies) {
    Decision expected = each.name == "request_limits" ? Decision::not_reached : Decision::later;
    if (behind) EXPECT_EQ(each.decision, expected) << each.name;
    behind = behind || each.decision == Decision::stops;
  }
}

TEST_F(Explain, ShowsWhatAMonitoredPolicyWouldDo) {
  Explanation e = ask("GET", "http://api.example.com/orders/watched", "192.0.2.7");
  EXPECT_EQ(outcome_of(e), "forwarded");
  EXPECT_EQ(policy(e, "ip_allow")->decision, Decision::would_stop);
  EXPECT_TRUE(policy(e, "ip_allow")->refusal);
}

TEST_F(Explain, NamesWhatCannotBeRead) {
  for (const char* url : {"http://api.example.com/orders/%2f", "http://a b/", "/../x",
                          "http://api.example.com:99999/", "/a#b"}) {
    Explanation e = ask("GET", url);
    ASSERT_TRUE(e.end) << url;
    EXPECT_EQ(e.end->status, 400) << url;
    EXPECT_FALSE(e.route) << url;
  }
}

TEST_F(Explain, NamesWhatNoRouteClaims) {
  EXPECT_EQ(ask("GET", "/orders/7").end->status, 404) << "another host";
  Explanation e = ask("BREW", "http://api.example.com/orders/7/invoice");
  ASSERT_TRUE(e.end);
  EXPECT_EQ(e.end->status, 405);
  EXPECT_THAT(e.allowed_methods, HasSubstr("GET"));
}

TEST_F(Explain, KnowsWhichListenerOnlyRedirects) {
  Explanation e = ask("GET", "http://127.0.0.1:8080/pages/x");
  EXPECT_EQ(outcome_of(e), "answered");
  EXPECT_EQ(e.end->status, 308);
  EXPECT_EQ(outcome_of(ask("GET", "http://127.0.0.1:8443/pages/x")), "forwarded");
}

TEST_F(Explain, BelievesTrustedProxiesOnly) {
  SyntheticRequest request{.method = "GET",
                           .url = "http://api.example.com/orders/7",
                           .client = "10.0.0.1",
                           .headers = {"X-Forwarded-For: 192.0.2.9"}};
  Explanation believed = ask(request);
  EXPECT_EQ(believed.client, "192.0.2.9");
  EXPECT_TRUE(believed.client_from_header);
  EXPECT_EQ(outcome_of(believed), "forwarded");
  request.client = "203.0.113.9";
  EXPECT_EQ(outcome_of(ask(request)), "refused");
}

TEST_F(Explain, AnswersPreflights) {
  Explanation e =
      ask({.method = "OPTIONS",
           .url = "/pages/x",
           .client = {},
           .headers = {"Origin: https://app.example", "Access-Control-Request-Method: PUT"}});
  EXPECT_EQ(outcome_of(e), "answered");
  EXPECT_EQ(e.end->status, 204);
}

TEST_F(Explain, RefusesDescriptionsOfNoRequest) {
  const SyntheticRequest requests[] = {
      {.method = "", .url = "/", .client = {}, .headers = {}},
      {.method = "GET\r\nX: y", .url = "/", .client = {}, .headers = {}},
      {.method = "GET", .url = "", .client = {}, .headers = {}},
      {.method = "GET", .url = "/\r\n\r\nGET /", .client = {}, .headers = {}},
      {.method = "GET", .url = "/", .client = "nobody", .headers = {}},
      {.method = "GET", .url = "/", .client = {}, .headers = {"no colon"}},
      {.method = "GET", .url = "/", .client = {}, .headers = {"A: b\r\nC: d"}},
  };
  for (const SyntheticRequest& request : requests) {
    std::string error;
    EXPECT_FALSE(explain(snapshot_, request, error));
    EXPECT_FALSE(error.empty());
  }
}

TEST_F(Explain, WritesEverythingAsJson) {
  std::string json = to_json(ask("GET", "http://api.example.com/orders/7", "203.0.113.9"), 0);
  for (const char* part :
       {R"("outcome":"refused")", R"("code":"ip_allow.not_allowed")", R"("decision":"stops")",
        R"("mode":"enforce")", R"("route":{"name":"orders")", R"("client":"203.0.113.9")"}) {
    EXPECT_THAT(json, HasSubstr(part));
  }
}

}  // namespace
}  // namespace sallyport::gateway
