#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/headers/value_template.h"
#include "policies/policy_fixture.h"
#include "policy/route.h"

namespace sallyport {
namespace {

using policies::headers_detail::value_fault;
using policies::headers_detail::ValueTemplate;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

TEST(Headers, SetsRemovesAndRenamesOnTheWayIn) {
  PolicyFixture policy("headers", R"({"request": {"set": {"X-Tenant": "acme", "accept": "a/b"},
    "remove": ["X-Debug", "Cookie"], "rename": {"X-Old": "X-New", "X-Absent": "X-Kept"}}})");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.header("x-tenant", "evil").header("X-TENANT", "eviler").header("Accept", "*/*");
  f.header("x-debug", "1").header("Cookie", "a=b").header("Cookie", "c=d");
  f.header("x-old", "1").header("X-New", "spoofed").header("X-Old", "2").header("X-Kept", "yes");
  f.response_header("X-Debug", "kept");
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.request_values("X-Tenant"), "acme");
  EXPECT_EQ(f.request_values("Accept"), "a/b");
  EXPECT_EQ(f.request_values("X-Debug"), "(none)");
  EXPECT_EQ(f.request_values("Cookie"), "(none)");
  EXPECT_EQ(f.request_values("X-Old"), "(none)");
  EXPECT_EQ(f.request_values("X-New"), "1, 2");
  EXPECT_EQ(f.request_values("X-Kept"), "yes");
  EXPECT_EQ(f.response_values("X-Debug"), "kept");
}

TEST(Headers, RenamesBeforeItRemovesBeforeItSets) {
  PolicyFixture policy("headers", R"({"response": {"rename": {"A": "B", "C": "D"},
    "remove": ["B", "E"], "set": {"E": "set"}}})");
  ExchangeFixture f;
  f.response_header("A", "1").response_header("C", "2").response_header("E", "3");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("A"), "(none)");
  EXPECT_EQ(f.response_values("B"), "(none)");
  EXPECT_EQ(f.response_values("D"), "2");
  EXPECT_EQ(f.response_values("E"), "set");
}

TEST(Headers, RenamesKnownNames) {
  PolicyFixture policy("headers", R"({"response": {"rename": {"ETag": "X-Tag", "X-Age": "Age"}}})");
  ExchangeFixture f;
  for (int i = 0; i < 40; ++i) f.response_header("X-Filler", "-");
  f.response_header("etag", "\"1\"").response_header("x-age", "7");
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_EQ(f.response_values("ETag"), "(none)");
  EXPECT_EQ(f.x.response.headers.find(http::HeaderId::etag), nullptr);
  EXPECT_EQ(f.response_values("X-Tag"), "\"1\"");
  EXPECT_EQ(f.x.response.headers.get(http::HeaderId::age), "7");
}

TEST(Headers, FillsPlaceholders) {
  PolicyFixture policy("headers", R"({"request": {"set": {"X-Client": "{client.address}",
    "X-About": "id={request.id}; route={route.name}@{request.host}",
    "NEL": "{\"max_age\": {\"x\": 1}, {} {A} {"}}})");
  ASSERT_EQ(policy.errors, "");
  Route route;
  route.name = "orders";
  ExchangeFixture f;
  f.client("2001:db8::1");
  f.x.route = &route;
  f.x.request_id.fill('a');
  EXPECT_EQ(policy.request(f), "passed");
  EXPECT_EQ(f.request_values("X-Client"), "2001:db8::1");
  EXPECT_EQ(f.request_values("X-About"),
            "id=" + std::string(32, 'a') + "; route=orders@api.example.com");
  EXPECT_EQ(f.request_values("NEL"), R"({"max_age": {"x": 1}, {} {A} {)");
}

TEST(ValueTemplate, HoldsEmptyAndPlainValues) {
  ExchangeFixture f;
  EXPECT_EQ(ValueTemplate("").render(f.x), "");
  EXPECT_EQ(ValueTemplate("plain").render(f.x), "plain");
  EXPECT_EQ(ValueTemplate("{client.address}{client.address}").render(f.x), "192.0.2.1192.0.2.1");
  EXPECT_EQ(ValueTemplate("[{route.name}]").render(f.x), "[]");
}

TEST(ValueTemplate, RefusesWhatNoHeaderMayHold) {
  EXPECT_THAT(value_fault("a\r\nSet-Cookie: b"), HasSubstr("control character"));
  EXPECT_THAT(value_fault(std::string("a\0b", 3)), HasSubstr("control character"));
  EXPECT_THAT(value_fault(" a"), HasSubstr("space"));
  EXPECT_THAT(value_fault("x {client.adress}"), HasSubstr("'{client.adress}' is none of"));
  EXPECT_EQ(value_fault("tab\tinside, {not a placeholder}"), "");
}

TEST(Headers, RefusesWhatIsNotToBeChanged) {
  struct Case {
    std::string_view block;
    std::string_view error;
  };
  const Case cases[] = {
      {R"({"request": {"set": {"Content-Length": "5"}}})", "framing"},
      {R"({"request": {"remove": ["transfer-encoding"]}})", "framing"},
      {R"({"request": {"remove": "Connection"}})", "framing"},
      {R"({"response": {"rename": {"X-A": "Upgrade"}}})", "framing"},
      {R"({"response": {"rename": {"Trailer": "X-A"}}})", "framing"},
      {R"({"request": {"set": {"host": "x"}}})", "`rewrite`"},
      {R"({"request": {"set": {"a b": "x"}}})", "'a b' is no header name"},
      {R"({"request": {"set": {"": "x"}}})", "is no header name"},
      {R"({"request": {"remove": ["a:"]}})", "is no header name"},
      {R"({"request": {"rename": {"X-A": "x-a"}}})", "both names are the same"},
      {R"({"request": {"set": {"X-A": "{request.body}"}}})", "'{request.body}' is none of"},
      {R"({"request": {"add": {"X-A": "1"}}})", "unknown key"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(PolicyFixture("headers", c.block).errors, HasSubstr(std::string(c.error)))
        << c.block;
  }
}

}  // namespace
}  // namespace sallyport
