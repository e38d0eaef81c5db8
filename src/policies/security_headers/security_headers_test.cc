#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

TEST(SecurityHeaders, AreSensibleWithoutAnyConfiguration) {
  PolicyFixture policy("security_headers", "{}");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.x.tls.on = true;
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Strict-Transport-Security"), "max-age=31536000");
  EXPECT_EQ(f.response_values("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(f.response_values("X-Frame-Options"), "DENY");
  EXPECT_EQ(f.response_values("Content-Security-Policy"), "frame-ancestors 'none'");
  EXPECT_EQ(f.response_values("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(f.response_values("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(f.response_values("Permissions-Policy"), "(none)");
  EXPECT_EQ(f.response_values("Cross-Origin-Opener-Policy"), "(none)");
}

TEST(SecurityHeaders, HstsIsForTlsOnly) {
  PolicyFixture policy("security_headers", "{}");
  ExchangeFixture f;
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("Strict-Transport-Security"), "(none)");
}

TEST(SecurityHeaders, CanBeSwitchedOffOneByOne) {
  PolicyFixture policy("security_headers", R"({"hsts": "off", "content_type_options": "off",
    "frame_options": "off", "content_security_policy": "off", "referrer_policy": "off",
    "cross_origin_resource_policy": "off", "remove": []})");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.x.tls.on = true;
  f.response_header("Server", "nginx");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.x.response.headers.size(), 1U);
  EXPECT_EQ(f.response_values("Server"), "nginx");
}

TEST(SecurityHeaders, RemovesBanners) {
  PolicyFixture policy("security_headers", "{}");
  ExchangeFixture f;
  f.response_header("server", "Apache/2.4.1 (Unix)")
      .response_header("X-POWERED-BY", "PHP/5.4.0")
      .response_header("X-Powered-By", "ASP.NET")
      .response_header("X-AspNet-Version", "4.0")
      .response_header("x-aspnetmvc-version", "5.2")
      .response_header("Via", "1.1 varnish")
      .response_header("X-Total", "7");
  EXPECT_EQ(policy.response(f), "passed");
  for (std::string_view name :
       {"Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "Via"}) {
    EXPECT_EQ(f.response_values(name), "(none)") << name;
  }
  EXPECT_EQ(f.response_values("X-Total"), "7");
}

TEST(SecurityHeaders, KeepsOrOverridesWhatTheUpstreamSays) {
  for (bool override : {false, true}) {
    PolicyFixture policy("security_headers",
                         override ? R"({"override": true})" : R"({"override": false})");
    ExchangeFixture f;
    f.response_header("X-Frame-Options", "SAMEORIGIN").response_header("x-frame-options", "DENY");
    EXPECT_EQ(policy.response(f), "passed");
    EXPECT_EQ(f.response_values("X-Frame-Options"), override ? "DENY" : "SAMEORIGIN, DENY");
  }
}

TEST(SecurityHeaders, RefusesValuesThatMeanNothing) {
  struct Case {
    std::string_view block;
    std::string_view error;
  };
  const Case cases[] = {
      {R"({"hsts": "31536000"})", "'31536000' is not one of"},
      {R"({"hsts": "includeSubDomains"})", "needs max-age"},
      {R"({"hsts": "max-age=1; includeSubdomain"})", "'includeSubdomain' is not one of"},
      {R"({"hsts": ""})", "needs max-age"},
      {R"({"content_type_options": "sniff"})", "content_type_options"},
      {R"({"frame_options": "ALLOW-FROM https://a.test"})", "frame_options"},
      {R"({"referrer_policy": "none"})", "referrer_policy"},
      {R"({"content_security_policy": false})", "neither a value"},
      {R"({"permissions_policy": "on"})", "neither a value"},
      {R"({"remove": ["a b"]})", "no header name"},
      {R"({"remove": ["Content-Length"]})", "framing"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(PolicyFixture("security_headers", c.block).errors, HasSubstr(std::string(c.error)))
        << c.block;
  }
}

}  // namespace
}  // namespace sallyport
