#include "telemetry/trace_context.h"

#include <gtest/gtest.h>

#include <string>

#include "telemetry/sample_exchange.h"

namespace sallyport::telemetry {
namespace {

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view kParent = "b7ad6b7169203331";

std::string header(std::string_view version, std::string_view trace, std::string_view parent,
                   std::string_view flags) {
  return std::string(version) + "-" + std::string(trace) + "-" + std::string(parent) + "-" +
         std::string(flags);
}

std::string_view trace_id_of(const Exchange& x) { return {x.trace_id.data(), x.trace_id.size()}; }

TEST(TraceContext, ReadsVersionZero) {
  auto parent = parse_traceparent(header("00", kTrace, kParent, "01"));
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(std::string_view(parent->trace_id.data(), 32), kTrace);
  EXPECT_EQ(std::string_view(parent->parent_id.data(), 16), kParent);
  EXPECT_TRUE(parent->sampled);
  EXPECT_FALSE(parse_traceparent(header("00", kTrace, kParent, "00"))->sampled);
  EXPECT_FALSE(parse_traceparent(header("00", kTrace, kParent, "fe"))->sampled);
  EXPECT_TRUE(parse_traceparent(header("00", kTrace, kParent, "ff"))->sampled);
}

TEST(TraceContext, ReadsTheKnownPartsOfHigherVersions) {
  EXPECT_TRUE(parse_traceparent(header("01", kTrace, kParent, "01")));
  EXPECT_TRUE(parse_traceparent(header("cc", kTrace, kParent, "01-what-comes-later")));
  EXPECT_TRUE(parse_traceparent(header("fe", kTrace, kParent, "01-")));
  EXPECT_FALSE(parse_traceparent(header("cc", kTrace, kParent, "01.later")));
  EXPECT_FALSE(parse_traceparent(header("cc", kTrace, kParent, "0")));
}

TEST(TraceContext, RefusesEverythingElse) {
  std::string good = header("00", kTrace, kParent, "01");
  std::string zeros(32, '0');
  std::string upper(kTrace);
  upper[1] = 'A';
  const std::string cases[] = {
      "",
      "00",
      header("ff", kTrace, kParent, "01"),
      header("0x", kTrace, kParent, "01"),
      header("00", zeros, kParent, "01"),
      header("00", kTrace, zeros.substr(0, 16), "01"),
      header("00", upper, kParent, "01"),
      header("00", kTrace, kParent, "0A"),
      header("00", kTrace, kParent, "0g"),
      good + "-",
      good + "-more",
      good + " ",
      " " + good,
      good.substr(0, 54),
  };
  for (const std::string& value : cases) EXPECT_FALSE(parse_traceparent(value)) << value;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '?';
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
}

TEST(TraceContext, ChecksTracestate) {
  auto valid = [](std::string_view value) {
    std::size_t members = 0;
    return is_valid_tracestate(value, members);
  };
  for (std::string_view value : {"", "rojo=00f067aa0ba902b7", "a=1,b=2", " a=1 ,\tb=2 ", "a=1,,b=2",
                                 "0a@v=x y", "t_-*/=!~"}) {
    EXPECT_TRUE(valid(value)) << value;
  }
  for (std::string_view value : {"a", "=1", "a=", "A=1", "a=1=2", "a b=1", "a@=1", "@a=1", "a@0=1",
                                 "a@b@c=1", "a=\x7F", "a=\x80", "a=1;b=2,c"}) {
    EXPECT_FALSE(valid(value)) << value;
  }
  EXPECT_TRUE(valid(std::string(256, 'k') + "=" + std::string(256, 'v')));
  EXPECT_FALSE(valid(std::string(257, 'k') + "=v"));
  EXPECT_FALSE(valid("k=" + std::string(257, 'v')));
  std::string many = "k=v";
  for (int i = 1; i < 32; ++i) many += ",k=v";
  EXPECT_TRUE(valid(many));
  EXPECT_FALSE(valid(many + ",k=v"));
}

struct TraceExchange : testing::Test {
  SampleExchange sample{nullptr};
  Exchange& x = sample.x;
  Random random;
  [[nodiscard]] std::string_view sent(http::HeaderId id) const { return x.request.headers.get(id); }
};

TEST_F(TraceExchange, BeginsATraceWithoutOne) {
  begin_trace(x, random);
  forward_trace(x);
  auto parent = parse_traceparent(sent(http::HeaderId::traceparent));
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(parent->trace_id, x.trace_id);
  EXPECT_EQ(parent->parent_id, x.span_id);
  EXPECT_FALSE(x.trace_continued);
}

TEST_F(TraceExchange, ContinuesTheClientsTraceWithASpanOfItsOwn) {
  std::string incoming = header("00", kTrace, kParent, "00");
  x.request.headers.add(http::HeaderId::traceparent, incoming);
  x.request.headers.add(http::HeaderId::tracestate, "rojo=1");
  begin_trace(x, random);
  forward_trace(x);
  auto parent = parse_traceparent(sent(http::HeaderId::traceparent));
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(trace_id_of(x), kTrace);
  EXPECT_FALSE(parent->sampled);
  EXPECT_NE(std::string_view(parent->parent_id.data(), 16), kParent);
  EXPECT_EQ(sent(http::HeaderId::tracestate), "rojo=1");
}

TEST_F(TraceExchange, DropsTracestateOfATraceItDoesNotContinue) {
  x.request.headers.add(http::HeaderId::traceparent, "00-bad");
  x.request.headers.add(http::HeaderId::tracestate, "rojo=1");
  begin_trace(x, random);
  forward_trace(x);
  EXPECT_TRUE(parse_traceparent(sent(http::HeaderId::traceparent)));
  EXPECT_EQ(x.request.headers.find(http::HeaderId::tracestate), nullptr);
}

TEST_F(TraceExchange, DropsAnInvalidTracestateButContinues) {
  std::string incoming = header("00", kTrace, kParent, "01");
  x.request.headers.add(http::HeaderId::traceparent, incoming);
  x.request.headers.add(http::HeaderId::tracestate, "rojo=1");
  x.request.headers.add(http::HeaderId::tracestate, "not valid");
  begin_trace(x, random);
  forward_trace(x);
  EXPECT_EQ(trace_id_of(x), kTrace);
  EXPECT_EQ(x.request.headers.find(http::HeaderId::tracestate), nullptr);
}

TEST_F(TraceExchange, TwoTraceparentsAreNone) {
  std::string incoming = header("00", kTrace, kParent, "01");
  x.request.headers.add(http::HeaderId::traceparent, incoming);
  x.request.headers.add(http::HeaderId::traceparent, incoming);
  begin_trace(x, random);
  EXPECT_NE(trace_id_of(x), kTrace);
}

}  // namespace
}  // namespace sallyport::telemetry
