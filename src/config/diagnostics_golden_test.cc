// What a wrong file gets, word for word, from text to diagnostics.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "config/sample_fixture.h"

namespace sallyport::config {
namespace {

using sample::Config;

std::optional<std::string> look_up(std::string_view name) {
  if (name == "TOKEN") return "hush";
  if (name == "PORT") return "not a number";
  return std::nullopt;
}

std::string errors(std::string_view text) {
  schema::Diagnostics diagnostics;
  sample::read(text, "conf/api.yaml", look_up, diagnostics);
  return diagnostics.to_text();
}

TEST(GoldenDiagnostics, NoneForAGoodFile) {
  schema::Diagnostics diagnostics;
  std::optional<Config> config = sample::read(R"(
listen:
  - ":8443"
  - {address: "[::1]:80", certificate: api.pem}
workers: 4
drain: 1m
body: 64KiB
merge_slashes: true
upstreams:
  orders: {endpoints: "http://10.0.0.1:9000", token: "${env:TOKEN}", error_rate: 50%}
apis:
  orders:
    path: /orders
    upstream: orders
    rate: 100/s
    routes: {path: "/{id}", methods: [GET], cors: {origins: "*"}}
extra: [anything, {goes: here}]
)",
                                              "conf/api.yaml", look_up, diagnostics);
  EXPECT_EQ(diagnostics.to_text(), "");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->listen.size(), 2U);
  EXPECT_EQ(config->listen[0].address.port, 8443);
  EXPECT_EQ(config->listen[1].certificate->resolved, "conf/api.pem");
  EXPECT_EQ(config->upstreams[0].value.token.reveal(), "hush");
  EXPECT_EQ(config->upstreams[0].value.endpoints[0].port, 9000);
  EXPECT_EQ(config->apis[0].value.routes[0].policies[0].where.path, "apis.orders.routes.cors");
}

TEST(GoldenDiagnostics, AllAtOnceWithPlacesAndSuggestions) {
  EXPECT_EQ(
      errors(R"(
listen: 8443
workers: 0
drain: 30
body: 10mb
merge_slashes: yes
upstreams:
  orders:
    endpoints: [http://10.0.0.1:9000/v1, "10.0.0.2:9000"]
    balance: round-robin
    token: hunter2
    error_rate: 50
apis:
  orders:
    upsteam: orders
    rate: 100
    routes:
      - {path: /a, methods: [GET, DELETE]}
      - {paths: /b}
      - path: /c
        rate_limits: {}
    path: /orders
    path: /again
  empty:
timeouts: {}
)"),
      R"(conf/api.yaml:2:9: error: listen: "8443" is not an address with a port: it is only a number. Write ":8443".
conf/api.yaml:3:10: error: workers: must be from 1 to 1024
conf/api.yaml:4:8: error: drain: "30" is not a duration: it needs a unit. Write "30s".
conf/api.yaml:5:7: error: body: "10mb" is not a size. Write "10MB".
conf/api.yaml:6:16: error: merge_slashes: "yes" is neither true nor false. Write true.
conf/api.yaml:9:17: error: upstreams.orders.endpoints[0]: "http://10.0.0.1:9000/v1" is not an HTTP origin: nothing may follow the port. Write "http://10.0.0.1:9000".
conf/api.yaml:9:42: error: upstreams.orders.endpoints[1]: "10.0.0.2:9000" is not an HTTP origin: the scheme is missing. Write "http://10.0.0.2:9000".
conf/api.yaml:10:14: error: upstreams.orders.balance: "round-robin" is not one of round_robin, least_request. Did you mean "round_robin"?
conf/api.yaml:11:12: error: upstreams.orders.token: a secret must not stand in the file. Write "${env:NAME}" or "${file:path}".
conf/api.yaml:12:17: error: upstreams.orders.error_rate: "50" is not a percentage: the % is missing. Write "50%".
conf/api.yaml:15:5: error: apis.orders.upsteam: unknown key. Did you mean "upstream"?
conf/api.yaml:16:11: error: apis.orders.rate: "100" is not a rate: it needs a unit of time. Write "100/s".
conf/api.yaml:18:35: error: apis.orders.routes[0].methods[1]: "DELETE" is not one of GET, POST, PUT
conf/api.yaml:19:10: error: apis.orders.routes[1].paths: unknown key. Did you mean "path"?
conf/api.yaml:21:9: error: apis.orders.routes[2].rate_limits: unknown key. Did you mean "rate_limit"?
conf/api.yaml:23:5: error: apis.orders.path: duplicate key, first used in line 22
conf/api.yaml:24:3: error: apis.empty: expected a map, found nothing. Write {} to take the defaults.
conf/api.yaml:25:1: error: timeouts: unknown key. Known keys: listen, workers, drain, body, merge_slashes, sample, upstreams, apis, extra.
)");
}

TEST(GoldenDiagnostics, NamesThatMustExistAreCheckedOnceAllElseIsWell) {
  EXPECT_EQ(errors("listen: :80\n"
                   "upstreams: {orders: {endpoints: [http://a]}}\n"
                   "apis:\n"
                   "  orders:\n"
                   "    upstream: ordrs\n"),
            "conf/api.yaml:5:15: error: apis.orders.upstream: there is no upstream \"ordrs\". Did "
            "you mean \"orders\"?\n");
}

TEST(GoldenDiagnostics, SecretsAreReportedOnceAndNeverQuoted) {
  EXPECT_EQ(errors("listen: :80\n"
                   "workers: ${env:PORT}\n"
                   "body: ${env:MISSING}\n"),
            "conf/api.yaml:2:10: error: workers: what ${env:PORT} stands for is not a whole "
            "number\n"
            "conf/api.yaml:3:7: error: body: the environment variable MISSING is not set\n");
}

TEST(GoldenDiagnostics, AFileThatIsNoMapIsRefused) {
  EXPECT_EQ(errors("- a\n"), "conf/api.yaml:1:1: error: expected a map, found a list\n");
  EXPECT_EQ(errors("listen:8443\n"),
            "conf/api.yaml:1:1: error: expected a map, found \"listen:8443\"\n");
}

}  // namespace
}  // namespace sallyport::config
