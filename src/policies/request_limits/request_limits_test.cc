#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using testing::drain;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PiecesBody;
using testing::PolicyFixture;

TEST(RequestLimits, LetsLargeUploadsPassUnlessALimitIsSet) {
  PolicyFixture policy("request_limits", "{}");
  ASSERT_EQ(policy.errors, "");
  PiecesBody body({"not looked at"});
  ExchangeFixture f;
  f.body(body, std::uint64_t{1} << 40);
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(f.x.request.body, &body);
}

TEST(RequestLimits, MeasuresTheRequestLine) {
  // "GET /abc?x=1 HTTP/1.1" has 21 bytes.
  for (auto [limit, expected] :
       {std::pair{"21", "passed"}, {"20", "request_limits.request_line_too_long"}}) {
    PolicyFixture policy("request_limits", R"({"request_line": )" + std::string(limit) + "}");
    ExchangeFixture f;
    f.request("GET", "/abc");
    f.x.request.query = "x=1";
    f.x.request.has_query = true;
    ASSERT_EQ(policy.errors, "");
    EXPECT_EQ(policy.request(f), expected);
  }
}

TEST(RequestLimits, CountsHeaders) {
  struct Case {
    std::string_view block;
    std::string_view expected;
  };
  // "A: 1\r\n" and "Bc: 23\r\n" have 14 bytes.
  const Case cases[] = {
      {R"({"header_count": 2})", "passed"},
      {R"({"header_count": 1})", "request_limits.too_many_headers"},
      {R"({"header_bytes": 14})", "passed"},
      {R"({"header_bytes": 13})", "request_limits.headers_too_large"},
  };
  for (const Case& c : cases) {
    PolicyFixture policy("request_limits", c.block);
    ExchangeFixture f;
    f.header("A", "1").header("Bc", "23");
    EXPECT_EQ(policy.request(f), c.expected) << c.block;
  }
}

TEST(RequestLimits, RefusesADeclaredLengthBeforeAByteIsRead) {
  PolicyFixture policy("request_limits", R"({"body": "1KiB"})");
  for (auto [length, expected] :
       {std::pair{1024U, "passed"}, {1025U, "request_limits.body_too_large"}}) {
    PiecesBody body({"x"});
    ExchangeFixture f;
    f.body(body, length);
    ASSERT_EQ(policy.errors, "");
    EXPECT_EQ(policy.request(f), expected);
    EXPECT_EQ(body.asked(), 0U);
  }
}

TEST(RequestLimits, CountsABodyOfUnknownLength) {
  PolicyFixture policy("request_limits", R"({"body": 8})");
  {
    PiecesBody body({"1234", "5678"});
    ExchangeFixture f;
    f.body(body);
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(drain(*f.x.request.body), "12345678");
  }
  PiecesBody body({"1234", "5678", "9", "never"});
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(drain(*f.x.request.body), "12345678!request_limits.body_too_large");
  EXPECT_EQ(body.asked(), 3U);
  EXPECT_EQ(f.x.trail.entries().back().detail, "9 of at most 8");
}

TEST(RequestLimits, InMonitorModeCountsButLetsTheBodyPass) {
  PolicyFixture policy("request_limits", R"({"body": 8, "mode": "monitor"})");
  PiecesBody body({"1234", "5678", "9"});
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(drain(*f.x.request.body), "123456789");
  EXPECT_EQ(f.x.trail.entries().back().outcome, Outcome::monitored);
}

TEST(RequestLimits, LimitsTheDepthOfJson) {
  struct Case {
    std::string_view type;
    std::string_view coding;
    std::string_view expected;
  };
  const std::string_view deep = "[[[[]]]]";
  const std::string_view refused = "!request_limits.json_too_deep";
  const Case cases[] = {
      {"application/json", "", refused},
      {"Application/JSON ; charset=utf-8", "", refused},
      {"application/merge-patch+json", "", refused},
      {"text/json", "identity", refused},
      {"application/json", "gzip", deep},
      {"text/plain", "", deep},
      {"application/json5", "", deep},
      {"+json", "", deep},
      {"", "", deep},
  };
  PolicyFixture policy("request_limits", R"({"json_depth": 3})");
  for (const Case& c : cases) {
    PiecesBody body({std::string(deep)});
    ExchangeFixture f;
    f.body(body, deep.size());
    if (!c.type.empty()) f.header("Content-Type", c.type);
    if (!c.coding.empty()) f.header("Content-Encoding", c.coding);
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(drain(*f.x.request.body), c.expected) << c.type << c.coding;
  }
}

TEST(RequestLimits, JsonDepthIs64UnlessSetAndZeroSwitchesItOff) {
  for (auto [block, depth, fine] :
       {std::tuple{"{}", 64, true}, {"{}", 65, false}, {R"({"json_depth": 0})", 1000, true}}) {
    PolicyFixture policy("request_limits", block);
    PiecesBody body({std::string(static_cast<std::size_t>(depth), '[')});
    ExchangeFixture f;
    f.body(body).header("Content-Type", "application/json");
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(drain(*f.x.request.body).starts_with('['), fine) << block << depth;
  }
}

TEST(RequestLimits, RefusesSizesThatAreNone) {
  EXPECT_THAT(PolicyFixture("request_limits", R"({"body": "10 apples"})").errors,
              HasSubstr("request_limits.body"));
  EXPECT_THAT(PolicyFixture("request_limits", R"({"header_count": -1})").errors,
              HasSubstr("request_limits.header_count"));
}

}  // namespace
}  // namespace sallyport
