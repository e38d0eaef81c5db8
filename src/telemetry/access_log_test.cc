#include "telemetry/access_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include "telemetry/json_check.h"
#include "telemetry/metrics.h"
#include "telemetry/sample_exchange.h"

namespace sallyport::telemetry {
namespace {

using Values = std::map<std::string, std::string>;

struct AccessLogTest : testing::Test {
  std::unique_ptr<LogSink> sink = std::move(*LogSink::open({.path = "/dev/null"}));
  AccessLog log{sink.get()};
  WorkerMetrics metrics;
  RouteBook book{metrics};
  MaskedNames masked;
  WallClock clock;
  std::unique_ptr<Route> route =
      sample_route(0, "orders", "orders \"/{id}\"", {"ip_allow", "cors"});

  LogContext context_of(const Exchange& x) {
    return finish(x, Ticks::now(), clock, masked, book, 7);
  }
  Values line(const Exchange& x, const LogContext& context) {
    log.flush();
    log.record(x, context);
    std::string_view text = log.pending();
    EXPECT_TRUE(text.ends_with("}\n")) << text;
    EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
    text.remove_suffix(1);
    std::optional<Values> values = JsonCheck::flatten(text);
    EXPECT_TRUE(values.has_value()) << text;
    return values.value_or(Values{});
  }
  Values line(const Exchange& x) { return line(x, context_of(x)); }
};

TEST_F(AccessLogTest, LogsAnExchange) {
  SampleExchange sample(route.get());
  LogContext context = context_of(sample.x);
  context.ended = 1'770'000'000'123;
  context.total_ns = 812'345;
  context.policies_ns = 1'234;
  context.upstream_ns = 123'456'789'012;
  Values expected = {
      {"@timestamp", "2026-02-02T02:40:00.123Z"},
      {"log.level", "info"},
      {"ecs.version", "8.11.0"},
      {"event.dataset", "sallyport.access"},
      {"event.duration", "812345"},
      {"event.outcome", "success"},
      {"http.request.id", "0123456789abcdeffedcba9876543210"},
      {"trace.id", "0123456789abcdeffedcba9876543210"},
      {"span.id", "1122334455667788"},
      {"client.ip", "192.0.2.7"},
      {"client.port", "50123"},
      {"tls.version", "1.3"},
      {"tls.cipher", "TLS_AES_128_GCM_SHA256"},
      {"http.request.method", "GET"},
      {"url.domain", "api.example.com"},
      {"url.path", "/orders/4711/invoice"},
      {"url.query", "page=2&sort=date"},
      {"http.version", "1.1"},
      {"http.response.status_code", "200"},
      {"http.request.bytes", "412"},
      {"http.response.bytes", "1337"},
      {"user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) Sample/1.0"},
      {"sallyport.api", "orders"},
      {"sallyport.route", "orders \"/{id}\""},
      {"sallyport.revision", "7"},
      {"sallyport.policies_ns", "1234"},
      {"sallyport.upstream", "orders"},
      {"destination.address", "10.0.0.1:9000"},
      {"sallyport.upstream_ns", "123456789012"},
  };
  EXPECT_EQ(line(sample.x, context), expected);
}

TEST_F(AccessLogTest, EveryFieldOfTheTableOccursAndNoOther) {
  SampleExchange sample(route.get());
  Exchange& x = sample.x;
  x.peer = *net::Address::parse("10.9.8.7");
  x.tls.client_subject = "CN=partner";
  x.request.headers.add(http::HeaderId::referer, "https://example.com/");
  x.upstream.status = 503;
  x.upstream.retries = 1;
  x.response.status = 502;
  x.reason = &kSampleUpstreamReason;
  x.detail = "connection refused";
  x.trail.add({.reason = &kSampleReason, .outcome = Outcome::monitored});
  constexpr std::array kFindings{
      Finding{.rule = 942100, .message = "SQL", .variable = "ARGS:id", .value = "1' or 1=1"}};
  x.inspection = {.mode = "block",
                  .findings = kFindings,
                  .inbound_score = 5,
                  .outbound_score = 4,
                  .request_cut = true,
                  .response_cut = true};
  LogContext context = context_of(x);
  context.policies_ns = 1;
  Values values = line(x, context);
  std::set<std::string> documented;
  for (const LogFieldDescription& field : access_log_fields()) {
    documented.emplace(field.name);
    EXPECT_FALSE(field.meaning.empty());
  }
  std::set<std::string> written;
  for (const auto& [name, value] : values) written.insert(name.substr(0, name.find('/')));
  EXPECT_EQ(written, documented);
  EXPECT_EQ(documented.size(), access_log_fields().size());
  EXPECT_EQ(values["source.ip"], "10.9.8.7");
  EXPECT_EQ(values["log.level"], "warn");
  EXPECT_EQ(values["event.outcome"], "failure");
  EXPECT_EQ(values["event.reason"], "sample.upstream");
  EXPECT_EQ(values["sallyport.monitored"], "sample.refused");
  EXPECT_EQ(values["sallyport.upstream_status"], "503");
  EXPECT_EQ(values["sallyport.retries"], "1");
}

TEST_F(AccessLogTest, WritesManyFindingsWithinItsRoom) {
  SampleExchange sample(route.get());
  std::string variable = "ARGS:" + std::string(5000, '"');
  std::string value(5000, '\x01');
  std::vector<Finding> findings(40, Finding{.rule = std::numeric_limits<std::int64_t>::max(),
                                            .variable = variable,
                                            .value = value});
  sample.x.inspection = {.mode = "detect", .findings = findings};
  Values values = line(sample.x);
  EXPECT_LT(values["sallyport.waf.matches"].size(), 1100U);
}

TEST_F(AccessLogTest, LogsAnExchangeOfWhichNothingIsKnown) {
  std::array<std::byte, 64> memory;
  Arena arena(memory);
  Exchange x(arena);
  Values values = line(x);
  EXPECT_EQ(values["event.outcome"], "success");
  EXPECT_FALSE(values.contains("http.request.method"));
  EXPECT_FALSE(values.contains("http.response.status_code"));
  EXPECT_FALSE(values.contains("sallyport.route"));
}

TEST_F(AccessLogTest, MasksSecretsInQueryAndReferrer) {
  SampleExchange sample(route.get());
  sample.x.request.query = "a=1&access_token=abc&b=2";
  sample.x.request.headers.add(
      http::HeaderId::referer,
      "https://user:pw@example.com/cb?code=xyz&next=https://e/#id_token=secret&x=1");
  Values values = line(sample.x);
  EXPECT_EQ(values["url.query"], "a=1&access_token=***&b=2");
  EXPECT_EQ(values["http.request.referrer"],
            "https://***@example.com/cb?code=***&next=https://e/#id_token=***&x=1");
}

TEST_F(AccessLogTest, ReferrersOfEveryShape) {
  struct Case {
    std::string_view referrer;
    std::string_view expected;
  };
  constexpr auto kCases = std::to_array<Case>({
      {"/", "/"},
      {"?", "?"},
      {"#", "#"},
      {"//", "//"},
      {"//@", "//***@"},
      {"/a?token=1", "/a?token=***"},
      {"/cb?token=abc&next=http://u@h", "/cb?token=***&next=http://u@h"},
      {"mail@example.com", "mail@example.com"},
      {"http://h/a@b", "http://h/a@b"},
      {"http://a@b@h/", "http://***@h/"},
      {"http://h?#?token=1#token=2", "http://h?#?token=***#token=***"},
  });
  for (const Case& c : kCases) {
    SampleExchange sample(route.get());
    sample.x.request.headers.add(http::HeaderId::referer, c.referrer);
    EXPECT_EQ(line(sample.x)["http.request.referrer"], c.expected);
  }
}

TEST_F(AccessLogTest, MasksHeadersThatAreConfigured) {
  masked = MaskedNames({}, {"user-agent", "referer"});
  SampleExchange sample(route.get());
  sample.x.request.headers.add(http::HeaderId::referer, "https://example.com/secret");
  Values values = line(sample.x);
  EXPECT_EQ(values["user_agent.original"], "***");
  EXPECT_EQ(values["http.request.referrer"], "***");
}

TEST_F(AccessLogTest, HostileBytesStayInsideTheirField) {
  std::string hostile = "\",\"event.outcome\":\"success\"}\n{\"x\":\"\\\xff\xfe";
  hostile += '\0';
  hostile += "\x1b[31m\xC2\x9B\xE2\x82";
  SampleExchange sample(route.get());
  Exchange& x = sample.x;
  x.request.method = hostile;
  x.request.host = hostile;
  x.request.path = hostile;
  x.request.query = hostile;
  x.client.text = hostile;
  x.tls.cipher = hostile;
  x.tls.client_subject = hostile;
  x.upstream.endpoint = hostile;
  x.detail = hostile;
  x.request.headers.set(http::HeaderId::user_agent, hostile);
  x.request.headers.set(http::HeaderId::referer, hostile);
  Values values = line(x);
  std::string shown = hostile;
  shown.erase(shown.find("\xC2\x9B"), 1);  // a C1 control is written as its code
  EXPECT_EQ(values["url.path"], shown);
  EXPECT_EQ(values["sallyport.detail"], shown);
  EXPECT_EQ(values["user_agent.original"], shown);
}

TEST_F(AccessLogTest, ALineOfNothingButEscapesFitsTheBuffer) {
  std::string endless(100'000, '\x01');
  auto long_route = sample_route(1, endless, endless, {});
  SampleExchange sample(long_route.get());
  Exchange& x = sample.x;
  x.request.method = endless;
  x.request.host = endless;
  x.request.path = endless;
  x.request.query = endless;
  x.client.text = endless;
  x.tls.version = endless;
  x.tls.cipher = endless;
  x.tls.client_subject = endless;
  x.upstream.name = endless;
  x.upstream.endpoint = endless;
  x.detail = endless;
  x.request.headers.set(http::HeaderId::user_agent, endless);
  x.request.headers.set(http::HeaderId::referer, endless);

  // The longest line behind a buffer that is all but full.
  std::string path = testing::TempDir() + "longest_line_" + std::to_string(::getpid());
  auto file_sink = std::move(*LogSink::open({.path = path}));
  AccessLog file_log(file_sink.get());
  SampleExchange usual(route.get());
  LogContext usual_context = context_of(usual.x);
  while (file_log.pending().size() < LogBuffer::kFull - 1000) {
    file_log.record(usual.x, usual_context);
  }
  file_log.record(x, context_of(x));
  EXPECT_TRUE(file_log.pending().empty());
  file_sink->stop();

  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) last = line;
  std::optional<Values> values = JsonCheck::flatten(last);
  ASSERT_TRUE(values.has_value());
  EXPECT_TRUE(values->at("url.path") == std::string(4096, '\x01') + "...");
  std::remove(path.c_str());
}

TEST_F(AccessLogTest, FollowsTheClock) {
  SampleExchange sample(route.get());
  LogContext context = context_of(sample.x);
  for (std::int64_t ms : {999L, 1000L, 1'770'000'000'000, 1'770'000'000'999, 1'769'999'999'999}) {
    context.ended = ms;
    std::array<char, 24> expected;
    write_rfc3339(expected.data(), ms);
    EXPECT_EQ(line(sample.x, context)["@timestamp"], std::string(expected.data(), 24));
  }
}

TEST_F(AccessLogTest, WithoutASinkNothingIsFormatted) {
  AccessLog none(nullptr);
  SampleExchange sample(route.get());
  none.record(sample.x, context_of(sample.x));
  EXPECT_TRUE(none.pending().empty());
  auto off = std::move(*LogSink::open({.path = ""}));
  AccessLog discarded(off.get());
  discarded.record(sample.x, context_of(sample.x));
  EXPECT_TRUE(discarded.pending().empty());
}

}  // namespace
}  // namespace sallyport::telemetry
