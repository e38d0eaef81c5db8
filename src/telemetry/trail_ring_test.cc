#include "telemetry/trail_ring.h"

#include <gtest/gtest.h>

#include <string>

#include "telemetry/json_check.h"
#include "telemetry/masking.h"
#include "telemetry/metrics.h"
#include "telemetry/sample_exchange.h"

namespace sallyport::telemetry {
namespace {

using Values = std::map<std::string, std::string>;

struct TrailRingTest : testing::Test {
  WorkerMetrics metrics;
  RouteBook book{metrics};
  MaskedNames masked;
  WallClock clock;
  std::unique_ptr<Route> route = sample_route(0, "orders", "orders /{id}", {"ip_allow", "cors"});

  void record(TrailRing& ring, SampleExchange& sample, std::uint64_t id,
              std::uint64_t revision = 1) {
    write_hex(sample.x.request_id.data(), 0);
    write_hex(sample.x.request_id.data() + 16, id);
    ring.record(sample.x, finish(sample.x, Ticks::now(), clock, masked, book, revision));
  }
  static std::string id_text(std::uint64_t id) {
    std::string text(32, '0');
    write_hex(text.data() + 16, id);
    return text;
  }
  static Values json(const TrailRing& ring, std::uint64_t id) {
    const TrailRing::Record* found = ring.find(id_text(id));
    if (found == nullptr) return {};
    std::optional<Values> values = JsonCheck::flatten(TrailRing::to_json(*found));
    EXPECT_TRUE(values.has_value()) << TrailRing::to_json(*found);
    return values.value_or(Values{});
  }
};

TEST_F(TrailRingTest, ShowsTheExchangeAndItsTrail) {
  TrailRing ring(4);
  SampleExchange sample(route.get());
  sample.x.request.query = "page=2&token=abc";
  sample.x.reason = &kSampleReason;
  sample.x.detail = "it is a \"sample\"";
  sample.x.response.status = 403;
  sample.x.trail.add({.reason = &kSampleReason,
                      .detail = "192.0.2.7 is not listed",
                      .nanoseconds = 77,
                      .policy = 0,
                      .phase = Phase::response,
                      .outcome = Outcome::stopped});
  record(ring, sample, 0xabc, 12);
  Values values = json(ring, 0xabc);
  EXPECT_EQ(values["request_id"], id_text(0xabc));
  EXPECT_EQ(values["client"], "192.0.2.7");
  EXPECT_EQ(values["method"], "GET");
  EXPECT_EQ(values["path"], "/orders/4711/invoice");
  EXPECT_EQ(values["query"], "page=2&token=***");
  EXPECT_EQ(values["route"], "orders /{id}");
  EXPECT_EQ(values["status"], "403");
  EXPECT_EQ(values["reason"], "sample.refused");
  EXPECT_EQ(values["detail"], "it is a \"sample\"");
  EXPECT_EQ(values["revision"], "12");
  EXPECT_EQ(values["endpoint"], "10.0.0.1:9000");
  EXPECT_EQ(values["trail/0/policy"], "ip_allow");
  EXPECT_EQ(values["trail/0/outcome"], "passed");
  EXPECT_EQ(values["trail/1/policy"], "cors");
  EXPECT_EQ(values["trail/2/policy"], "ip_allow");
  EXPECT_EQ(values["trail/2/phase"], "response");
  EXPECT_EQ(values["trail/2/outcome"], "stopped");
  EXPECT_EQ(values["trail/2/reason"], "sample.refused");
  EXPECT_EQ(values["trail/2/detail"], "192.0.2.7 is not listed");
  EXPECT_EQ(values["trail/2/ns"], "77");
}

TEST_F(TrailRingTest, ShowsWhatInspectionFound) {
  TrailRing ring(4);
  SampleExchange sample(route.get());
  std::string long_text(500, 'x');
  std::vector<Finding> findings{
      {.rule = 942100, .message = "SQL", .variable = "ARGS:id", .value = "1 or 1", .severity = 2},
      {.rule = 920100, .message = long_text, .variable = long_text, .value = "secret"}};
  findings.resize(20, findings.back());
  sample.x.inspection = {
      .mode = "detect", .findings = findings, .inbound_score = 5, .request_cut = true};
  record(ring, sample, 1);
  Values values = json(ring, 1);
  EXPECT_EQ(values["waf/mode"], "detect");
  EXPECT_EQ(values["waf/score"], "5");
  EXPECT_EQ(values["waf/request_cut"], "true");
  std::string text = TrailRing::to_json(*ring.find(id_text(1)));
  EXPECT_NE(text.find(R"({"rule":942100,"severity":2,"variable":"ARGS:id","value":"1 or 1",)"
                      R"("message":"SQL"})"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_NE(text.find("findings_dropped"), std::string::npos);
  EXPECT_EQ(text.find("\"waf\"", text.find("\"waf\"") + 1), std::string::npos);
}

TEST_F(TrailRingTest, KeepsTheLastOnesWhenItWraps) {
  TrailRing ring(8);
  for (std::uint64_t id = 1; id <= 21; ++id) {
    SampleExchange sample(route.get());
    record(ring, sample, id);
  }
  EXPECT_EQ(ring.size(), 8U);
  EXPECT_EQ(ring.find(id_text(13)), nullptr);
  for (std::uint64_t id = 14; id <= 21; ++id) EXPECT_EQ(json(ring, id)["request_id"], id_text(id));
  EXPECT_EQ(JsonCheck::flatten(TrailRing::to_json(*ring.newest(0)))->at("request_id"), id_text(21));
  EXPECT_EQ(JsonCheck::flatten(TrailRing::to_json(*ring.newest(7)))->at("request_id"), id_text(14));
  EXPECT_EQ(ring.newest(8), nullptr);
}

TEST_F(TrailRingTest, FindsTheNewestOfTwoWithTheSameId) {
  TrailRing ring(8);
  SampleExchange sample(route.get());
  record(ring, sample, 5);
  sample.x.response.status = 404;
  record(ring, sample, 5);
  EXPECT_EQ(json(ring, 5)["status"], "404");
}

TEST_F(TrailRingTest, WithoutSlotsItKeepsNothing) {
  TrailRing ring(0);
  SampleExchange sample(route.get());
  record(ring, sample, 1);
  EXPECT_EQ(ring.find(id_text(1)), nullptr);
}

TEST_F(TrailRingTest, OutlivesTheConfigurationsItRecorded) {
  TrailRing ring(16);
  for (std::uint64_t revision = 1; revision <= 10; ++revision) {
    auto other = sample_route(0, "orders", "route " + std::to_string(revision), {"geo", "cors"});
    SampleExchange sample(other.get());
    record(ring, sample, revision, revision);
  }
  for (std::uint64_t revision = 1; revision <= 10; ++revision) {
    Values values = json(ring, revision);
    EXPECT_EQ(values["route"], "route " + std::to_string(revision));
    EXPECT_EQ(values["trail/0/policy"], "geo");
    EXPECT_EQ(values["trail/1/policy"], "cors");
  }
}

TEST_F(TrailRingTest, CutsWhatIsTooLongAndCountsWhatFindsNoRoom) {
  TrailRing ring(2);
  SampleExchange sample(route.get());
  std::string path = "/" + std::string(5000, 'p');
  std::string detail(5000, '"');
  sample.x.request.path = path;
  sample.x.request.query = detail;
  sample.x.request.host = detail;
  sample.x.detail = detail;
  sample.x.upstream.name = detail;
  sample.x.upstream.endpoint = detail;
  for (int i = 0; i < 300; ++i) {
    sample.x.trail.add({.reason = &kSampleReason, .detail = detail, .policy = 400});
  }
  record(ring, sample, 1);
  Values values = json(ring, 1);
  EXPECT_EQ(values["path"], path.substr(0, 189) + "...");
  EXPECT_EQ(values["trail/0/policy"], "ip_allow");
  EXPECT_EQ(values["trail/2/policy"], "");
  EXPECT_EQ(values["trail_dropped"], "255");
}

TEST_F(TrailRingTest, AnExchangeThatWasNeverReadIsRecordedToo) {
  TrailRing ring(2);
  std::array<std::byte, 64> memory;
  Arena arena(memory);
  Exchange x(arena);
  ring.record(x, finish(x, Ticks::now(), clock, masked, book, 1));
  EXPECT_TRUE(JsonCheck::flatten(TrailRing::to_json(*ring.newest(0))));
}

}  // namespace
}  // namespace sallyport::telemetry
