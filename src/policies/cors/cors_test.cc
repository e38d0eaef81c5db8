#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/cors/origin_pattern.h"
#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using policies::cors_detail::origin_fault;
using policies::cors_detail::OriginSet;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

constexpr std::string_view kApp = "https://app.example.com";

void ask(ExchangeFixture& f, std::string_view method, std::string_view origin,
         std::string_view asked_for = {}) {
  f.request(method, "/orders");
  if (!origin.empty()) f.header("Origin", origin);
  if (!asked_for.empty()) f.header("Access-Control-Request-Method", asked_for);
}

TEST(OriginSet, ContainsWhatItsPatternsSay) {
  OriginSet set({"https://app.example.com", "https://*.example.org", "http://*.local.test:8080",
                 "http://[::1]:3000", "capacitor://localhost"});
  struct Case {
    std::string_view origin;
    bool contained;
  };
  const Case cases[] = {
      {"https://app.example.com", true},
      {"http://app.example.com", false},
      {"https://app.example.com:8443", false},
      {"https://app.example.com.evil.test", false},
      {"https://a.example.org", true},
      {"https://a.b.example.org", true},
      {"https://example.org", false},
      {"https://.example.org", false},
      {"https://evilexample.org", false},
      {"https://a.example.org:8443", false},
      {"https://evil.test/.example.org", false},
      {"https://evil.test#.example.org", false},
      {"https://evil.test:80.example.org", false},
      {"https://user@a.example.org", false},
      {"https://A.example.org", false},
      {"http://x.local.test:8080", true},
      {"http://x.local.test", false},
      {"http://[::1]:3000", true},
      {"capacitor://localhost", true},
      {"null", false},
      {"", false},
  };
  for (const Case& c : cases) EXPECT_EQ(set.contains(c.origin), c.contained) << c.origin;
  EXPECT_FALSE(set.any());
  EXPECT_TRUE(OriginSet({"*"}).contains("null"));
}

TEST(OriginFault, NamesWhatNoBrowserWouldSend) {
  struct Case {
    std::string_view origin;
    std::string_view fault;
  };
  const Case cases[] = {
      {"null", "cannot be trusted"},
      {"app.example.com", "write the scheme"},
      {"://app.example.com", "write the scheme"},
      {"https://app.example.com/", "no path"},
      {"https://app.example.com/x", "no path"},
      {"https://App.example.com", "lower case"},
      {"https://app.example.com:443", "default port"},
      {"http://app.example.com:80", "default port"},
      {"https://app.example.com:0", "malformed port"},
      {"https://app.example.com:x", "malformed port"},
      {"https://app.*.example.com", "'*' may only"},
      {"https://*example.com", "'*' may only"},
      {"https://*", "'*' may only"},
      {"https://", "malformed host"},
      {"https://a..b", "malformed host"},
      {"https://a_b", "malformed host"},
      {"https://*.[::1]", "malformed host"},
      {"ht tp://a", "malformed scheme"},
      {"1http://a", "malformed scheme"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(origin_fault(c.origin), HasSubstr(std::string(c.fault))) << c.origin;
  }
  for (std::string_view fine :
       {"*", "https://app.example.com", "https://*.example.com", "https://*.example.com:8443",
        "http://localhost:3000", "http://[::1]:3000", "http://10.0.0.1", "app+x://id"}) {
    EXPECT_EQ(origin_fault(fine), "") << fine;
  }
}

TEST(Cors, AnswersAPreflightOfAListedOrigin) {
  PolicyFixture policy("cors", R"({"allow_origins": ["https://app.example.com"],
    "allow_methods": ["GET", "PUT"], "allow_headers": ["X-Token"], "expose_headers": ["X-Total"],
    "allow_credentials": true, "max_age": "1h"})");
  ASSERT_EQ(policy.errors, "");
  EXPECT_TRUE(policy.pipeline.answers_preflight());
  ExchangeFixture f;
  ask(f, "OPTIONS", kApp, "PUT");
  f.header("Access-Control-Request-Private-Network", "true");
  EXPECT_EQ(policy.request(f), "cors.preflight");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Origin"), kApp);
  EXPECT_EQ(f.response_values("Access-Control-Allow-Methods"), "GET, PUT");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Headers"), "X-Token");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(f.response_values("Access-Control-Max-Age"), "3600");
  EXPECT_EQ(f.response_values("Access-Control-Expose-Headers"), "(none)");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Private-Network"), "(none)");
  EXPECT_EQ(f.response_values("Vary"), "Origin");
}

TEST(Cors, RefusesAPreflightOfAnotherOrigin) {
  PolicyFixture policy("cors", R"({"allow_origins": "https://app.example.com"})");
  ExchangeFixture f;
  ask(f, "OPTIONS", "https://evil.test", "PUT");
  EXPECT_EQ(policy.request(f), "cors.origin_refused");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Origin"), "(none)");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Methods"), "(none)");
  EXPECT_EQ(f.response_values("Vary"), "Origin");
}

TEST(Cors, OnlyAPreflightIsAnswered) {
  PolicyFixture policy("cors", R"({"allow_origins": ["https://app.example.com"]})");
  for (auto [method, origin, asked_for] : {std::tuple{"OPTIONS", "", "PUT"},
                                           {"OPTIONS", "https://app.example.com", ""},
                                           {"GET", "https://evil.test", ""},
                                           {"GET", "https://evil.test", "PUT"}}) {
    ExchangeFixture f;
    ask(f, method, origin, asked_for);
    EXPECT_EQ(policy.request(f), "passed") << method << origin << asked_for;
  }
}

TEST(Cors, LetsAListedOriginReadTheResponseAndRefusalsToo) {
  PolicyFixture policy("cors", R"({"allow_origins": ["https://app.example.com"],
    "expose_headers": ["X-Total", "ETag"]})");
  constexpr Reason kDenied{"test.denied", 401, "No."};
  for (const Reason* reason : {static_cast<const Reason*>(nullptr), &kDenied}) {
    ExchangeFixture f;
    ask(f, "GET", kApp);
    f.x.reason = reason;
    EXPECT_EQ(policy.request(f), "passed");
    EXPECT_EQ(policy.response(f), "passed");
    EXPECT_EQ(f.response_values("Access-Control-Allow-Origin"), kApp);
    EXPECT_EQ(f.response_values("Access-Control-Expose-Headers"), "X-Total, ETag");
    EXPECT_EQ(f.response_values("Access-Control-Allow-Credentials"), "(none)");
    EXPECT_EQ(f.response_values("Access-Control-Allow-Methods"), "(none)");
  }
}

TEST(Cors, LeavesOneAnswerAndKeepsVary) {
  PolicyFixture policy("cors", R"({"allow_origins": ["https://app.example.com"]})");
  ExchangeFixture f;
  ask(f, "GET", "https://evil.test");
  f.response_header("Access-Control-Allow-Origin", "*")
      .response_header("access-control-allow-credentials", "true")
      .response_header("Access-Control-Allow-Methods", "GET")
      .response_header("Vary", "Accept-Encoding");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Origin"), "(none)");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Credentials"), "(none)");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Methods"), "(none)");
  EXPECT_EQ(f.response_values("Vary"), "Accept-Encoding, Origin");

  ExchangeFixture again;
  ask(again, "GET", kApp);
  again.response_header("Vary", "Accept, origin");
  EXPECT_EQ(policy.response(again), "passed");
  EXPECT_EQ(again.response_values("Vary"), "Accept, origin");
}

TEST(Cors, AnyOriginNeedsNoVary) {
  PolicyFixture policy("cors", R"({"allow_origins": "*"})");
  ExchangeFixture f;
  ask(f, "OPTIONS", "null", "DELETE");
  EXPECT_EQ(policy.request(f), "cors.preflight");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Methods"),
            "GET, HEAD, POST, PUT, PATCH, DELETE");
  EXPECT_EQ(f.response_values("Access-Control-Allow-Headers"), "Authorization, Content-Type");
  EXPECT_EQ(f.response_values("Access-Control-Max-Age"), "600");
  EXPECT_EQ(f.response_values("Vary"), "(none)");
}

TEST(Cors, RefusesConfigurationThatBrowsersWouldNotHonour) {
  struct Case {
    std::string_view block;
    std::string_view error;
  };
  const Case cases[] = {
      {"{}", "allow_origins"},
      {R"({"allow_origins": []})", "allow_origins"},
      {R"({"allow_origins": ["*"], "allow_credentials": true})", "cors.allow_origins: '*' cannot"},
      {R"({"allow_origins": ["https://a.test"], "allow_headers": ["*"],
          "allow_credentials": true})",
       "cors.allow_headers: '*' cannot"},
      {R"({"allow_origins": ["https://a.test/"]})", "no path"},
      {R"({"allow_origins": ["https://a.test"], "allow_methods": ["get"]})", "upper case"},
      {R"({"allow_origins": ["https://a.test"], "allow_headers": ["a b"]})", "no header name"},
      {R"({"allow_origins": ["https://a.test"], "max_age": "2d"})", "max_age"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(PolicyFixture("cors", c.block).errors, HasSubstr(std::string(c.error))) << c.block;
  }
}

}  // namespace
}  // namespace sallyport
