#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "telemetry/masking.h"
#include "telemetry/sample_exchange.h"

namespace sallyport::telemetry {
namespace {

// Reads the text format: every line a comment of a known kind or `name{labels} value`, every sample
// inside the family announced before it. Gives values by name and labels.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> samples;
  std::set<std::string> families;
  std::string family;
  std::istringstream lines(text);
  EXPECT_TRUE(text.ends_with('\n'));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family << " stands twice";
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(line.starts_with("# TYPE " + family + " ")) << line;
      continue;
    }
    EXPECT_TRUE(line.starts_with(family)) << line << " in " << family;
    bool quoted = false;
    std::size_t i = 0;
    for (; i < line.size() && (quoted || line[i] != ' '); ++i) {
      if (line[i] == '\\' && quoted) {
        ++i;
        EXPECT_TRUE(std::string_view("\\\"n").contains(line[i])) << line;
      } else if (line[i] == '"') {
        quoted = !quoted;
      }
    }
    EXPECT_LT(i, line.size()) << line;
    std::size_t used = 0;
    double value = std::stod(line.substr(i + 1), &used);
    EXPECT_EQ(used, line.size() - i - 1) << line;
    EXPECT_TRUE(samples.emplace(line.substr(0, i), value).second) << line << " stands twice";
  }
  return samples;
}

struct MetricsTest : testing::Test {
  Metrics metrics{"1.2.3"};
  WorkerMetrics& worker = metrics.add_worker();
  RouteBook book{worker};
  MaskedNames masked;
  WallClock clock;
  std::unique_ptr<Route> route = sample_route(0, "orders", "orders /{id}", {"ip_allow", "cors"});

  void record(const Exchange& x, std::uint64_t revision = 1) {
    worker.record(x, finish(x, Ticks::now(), clock, masked, book, revision));
  }
  std::map<std::string, double> page() { return parse(metrics.exposition()); }
};

constexpr const char* kRequests200 =
    R"(sallyport_requests_total{api="orders",route="orders /{id}",status="200"})";

TEST_F(MetricsTest, CountsAnExchange) {
  SampleExchange sample(route.get());
  sample.x.trail.add({.reason = &kSampleReason, .policy = 1, .outcome = Outcome::monitored});
  sample.x.upstream.retries = 2;
  record(sample.x);
  auto samples = page();
  EXPECT_EQ(samples.at(kRequests200), 1);
  EXPECT_EQ(samples.at(R"(sallyport_received_bytes_total{api="orders",route="orders /{id}"})"),
            412);
  EXPECT_EQ(samples.at(R"(sallyport_sent_bytes_total{api="orders",route="orders /{id}"})"), 1337);
  EXPECT_EQ(samples.at(R"(sallyport_policy_verdicts_total{policy="cors",outcome="passed"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_policy_verdicts_total{policy="cors",outcome="monitored"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_policy_verdicts_total{policy="ip_allow",outcome="stopped"})"),
            0);
  EXPECT_EQ(
      samples.at(R"(sallyport_upstream_requests_total{upstream="orders",connection="reused"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_upstream_retries_total{upstream="orders"})"), 2);
  std::string labels = R"({api="orders",route="orders /{id}")";
  EXPECT_EQ(samples.at("sallyport_request_duration_seconds_count" + labels + "}"), 1);
  EXPECT_EQ(samples.at("sallyport_request_duration_seconds_bucket" + labels + R"(,le="+Inf"})"), 1);
  EXPECT_TRUE(
      samples.contains("sallyport_request_duration_seconds_bucket" + labels + R"(,le="0.0005"})"));
  EXPECT_TRUE(
      samples.contains("sallyport_request_duration_seconds_bucket" + labels + R"(,le="60"})"));
}

TEST_F(MetricsTest, CountsReasonsByCode) {
  SampleExchange sample(route.get());
  sample.x.reason = &kSampleReason;
  record(sample.x);
  record(sample.x);
  sample.x.reason = &kSampleUpstreamReason;
  record(sample.x);
  auto samples = page();
  EXPECT_EQ(samples.at(R"(sallyport_stops_total{reason="sample.refused",blame="client"})"), 2);
  EXPECT_EQ(samples.at(R"(sallyport_stops_total{reason="sample.upstream",blame="upstream"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_upstream_failures_total{upstream="orders"})"), 1);
}

TEST_F(MetricsTest, HasRoomForAsManyReasonsAsThereAre) {
  std::vector<Reason> reasons(300, kSampleReason);
  SampleExchange sample(route.get());
  for (const Reason& reason : reasons) {
    sample.x.reason = &reason;
    record(sample.x);
  }
  EXPECT_EQ(page().at(R"(sallyport_stops_total{reason="sample.refused",blame="client"})"), 300);
}

TEST_F(MetricsTest, CountsRulesUpToABound) {
  InspectionCounters counters;
  for (std::int64_t rule = 900'000; rule < 902'000; ++rule) {
    std::array findings{Finding{.rule = rule}};
    counters.add({.mode = "block", .findings = findings, .blocked = rule % 2 == 0});
  }
  counters.add({.mode = "block", .request_cut = true});
  EXPECT_EQ(counters.outcomes[0].value(), 1U);
  EXPECT_EQ(counters.outcomes[1].value(), 1000U);
  EXPECT_EQ(counters.outcomes[2].value(), 1000U);
  EXPECT_EQ(counters.cut[0].value(), 1U);
  std::uint64_t sum = 0;
  std::size_t rules = 0;
  counters.for_each_rule([&](std::int64_t rule, std::uint64_t n) {
    sum += n;
    rules += rule != 0 ? 1 : 0;
  });
  EXPECT_EQ(sum, 2000U);
  EXPECT_LE(rules, InspectionCounters::kSlots);
  EXPECT_GT(rules, InspectionCounters::kSlots / 2);
}

TEST_F(MetricsTest, WhatNoRouteClaimedHasEmptyLabels) {
  SampleExchange sample(nullptr);
  sample.x.response.status = 404;
  record(sample.x);
  EXPECT_EQ(page().at(R"(sallyport_requests_total{api="",route="",status="404"})"), 1);
}

TEST_F(MetricsTest, MoreStatusesThanSlotsAreCountedTogether) {
  SampleExchange sample(route.get());
  for (std::uint16_t status = 200; status < 230; ++status) {
    sample.x.response.status = status;
    record(sample.x);
  }
  sample.x.response.status = 200;
  record(sample.x);
  auto samples = page();
  EXPECT_EQ(samples.at(kRequests200), 2);
  EXPECT_EQ(
      samples.at(R"(sallyport_requests_total{api="orders",route="orders /{id}",status="other"})"),
      30 - StatusCounters::kSlots);
}

TEST_F(MetricsTest, NothingCountsBackwardsOverReloads) {
  auto renumbered = sample_route(7, "orders", "orders /{id}", {"cors", "ip_allow"});
  auto other = sample_route(0, "users", "users", {"cors"});
  SampleExchange before(route.get());
  SampleExchange after(renumbered.get());
  SampleExchange stranger(other.get());
  record(before.x, 1);
  record(after.x, 2);
  record(stranger.x, 2);
  record(before.x, 1);  // begun before the reload
  record(after.x, 3);
  record(before.x, 1);  // older than what is kept: found by name
  auto samples = page();
  EXPECT_EQ(samples.at(kRequests200), 5);
  EXPECT_EQ(samples.at(R"(sallyport_requests_total{api="users",route="users",status="200"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_policy_verdicts_total{policy="ip_allow",outcome="passed"})"),
            5);
  EXPECT_EQ(samples.at(R"(sallyport_policy_verdicts_total{policy="cors",outcome="passed"})"), 6);
}

TEST_F(MetricsTest, AddsUpWorkers) {
  WorkerMetrics& second = metrics.add_worker();
  RouteBook book_of_second(second);
  SampleExchange sample(route.get());
  record(sample.x);
  second.record(sample.x, finish(sample.x, Ticks::now(), clock, masked, book_of_second, 1));
  second.connections.open.add(3);
  worker.connections.open.add(-1);
  worker.connections.refuse(ConnectionRefusal::client_limit);
  worker.connections.refuse(ConnectionRefusal::proxy_header);
  second.connections.refuse(ConnectionRefusal::proxy_header);
  auto samples = page();
  EXPECT_EQ(samples.at(kRequests200), 2);
  EXPECT_EQ(samples.at("sallyport_workers"), 2);
  EXPECT_EQ(samples.at("sallyport_connections_open"), 2);
  EXPECT_EQ(samples.at(R"(sallyport_connections_refused_total{cause="client_limit"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_connections_refused_total{cause="proxy_header"})"), 2);
  // Whatever was queued when a drain begins is still taken and served.
  EXPECT_FALSE(samples.contains(R"(sallyport_connections_refused_total{cause="draining"})"));
}

TEST_F(MetricsTest, EscapesLabels) {
  auto odd = sample_route(0, "a\"b\\c\nd", "x", {});
  SampleExchange sample(odd.get());
  record(sample.x);
  EXPECT_EQ(page().at(R"(sallyport_requests_total{api="a\"b\\c\nd",route="x",status="200"})"), 1);
}

TEST_F(MetricsTest, ShowsConfigurationProcessAndFurtherSources) {
  metrics.configured(4, "0123456789ab");
  metrics.reload_failed();
  metrics.set_certificates({{.name = "api.example.com", .not_after = 1'800'000'000}});
  metrics.add_source([](PrometheusWriter& out) {
    out.family("sallyport_upstream_up", PrometheusWriter::Type::gauge, "1 if healthy.");
    out.sample({{"upstream", "orders"}, {"endpoint", "10.0.0.1:9000"}}, 1);
  });
  auto samples = page();
  EXPECT_EQ(samples.at("sallyport_config_revision"), 4);
  EXPECT_EQ(samples.at(R"(sallyport_build_info{version="1.2.3"})"), 1);
  EXPECT_EQ(samples.at(R"(sallyport_config_reloads_total{outcome="refused"})"), 1);
  EXPECT_EQ(samples.at("sallyport_config_last_reload_ok"), 0);
  EXPECT_EQ(samples.at(
                R"(sallyport_certificate_expiry_timestamp_seconds{certificate="api.example.com"})"),
            1'800'000'000);
  EXPECT_EQ(samples.at(R"(sallyport_upstream_up{upstream="orders",endpoint="10.0.0.1:9000"})"), 1);
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(samples.at("process_open_fds"), 2);
  EXPECT_GT(samples.at("process_start_time_seconds"), 1.6e9);
}

TEST_F(MetricsTest, IsReadWhileItIsWritten) {
  constexpr int kExchanges = 2000;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < kExchanges; ++i) {
      auto some = sample_route(static_cast<std::uint32_t>(i % 20), "api", std::to_string(i % 20),
                               {"p" + std::to_string(i % 5)});
      SampleExchange sample(some.get());
      sample.x.reason = i % 2 == 0 ? &kSampleReason : nullptr;
      sample.x.response.status = static_cast<std::uint16_t>(200 + i % 9);
      record(sample.x, static_cast<std::uint64_t>(i / 100));
    }
    done = true;
  });
  std::map<std::string, double> last;
  while (!done) {
    auto now = page();
    for (const auto& [name, value] : last) {
      if (name.contains("_total")) EXPECT_GE(now.at(name), value) << name;
    }
    last = std::move(now);
  }
  writer.join();
  double total = 0;
  for (const auto& [name, value] : page()) {
    if (name.starts_with("sallyport_requests_total")) total += value;
  }
  EXPECT_EQ(total, kExchanges);
}

}  // namespace
}  // namespace sallyport::telemetry
