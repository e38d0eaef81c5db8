#include "policies/authenticate/external/external_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/authenticate/external/external_decision.h"
#include "policies/authenticate/external/external_question.h"
#include "policies/policy_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using ::testing::ElementsAre;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

// A question made by the settings, and what keeps it alive.
struct Asking {
  explicit Asking(ExternalAuthSettings given) : settings(std::move(given)) {
    settings.service.url = "https://authz/check/";
    schema::Diagnostics diagnostics;
    schema::Context context(diagnostics, "test");
    service = Service::make({.value = settings.service, .where = {}}, context);
    question.emplace(settings, *service);
  }
  ExternalAuthSettings settings;
  std::unique_ptr<const Service> service;
  std::optional<ExternalQuestion> question;
};

std::vector<std::string> lines_of(const http::ClientRequest& request) {
  std::vector<std::string> lines;
  for (const auto& field : request.headers) lines.push_back(field.name + ": " + field.value);
  return lines;
}

TEST(ExternalQuestion, ForwardAuthTellsTheRequestInHeaders) {
  const Asking asking({});
  ExchangeFixture f;
  f.request("DELETE", "/a").header("Authorization", "t").header("X-Forwarded-Uri", "/forged");
  f.x.request.has_query = true;
  f.x.request.query = "b=c";
  const http::ClientRequest request = asking.question->about(f.x);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://authz/check/");
  EXPECT_THAT(lines_of(request),
              ElementsAre("X-Forwarded-Method: DELETE", "X-Forwarded-Host: api.example.com",
                          "X-Forwarded-Uri: /a?b=c", "X-Forwarded-Proto: http",
                          "X-Forwarded-For: 192.0.2.1", "Authorization: t"));
}

TEST(ExternalQuestion, ExtAuthzAsksAtThePathOfTheRequest) {
  const Asking asking({.contract = ExternalContract::ext_authz});
  ExchangeFixture f;
  f.request("DELETE", "/a");
  http::ClientRequest request = asking.question->about(f.x);
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(request.url, "https://authz/check/a");
  EXPECT_THAT(lines_of(request), ::testing::Contains("Host: api.example.com"));
  f.request("OPTIONS", "*");
  EXPECT_EQ(asking.question->about(f.x).url, "https://authz/check/*");
}

TEST(ExternalQuestion, NoTwoRequestsHaveOneKey) {
  const Asking asking({.headers = {"A", "B"}, .cache = ExternalCache{}});
  using Headers = std::vector<std::pair<std::string, std::string>>;
  auto key = [&](const Headers& headers, std::string_view path = "/") {
    ExchangeFixture f;
    f.request("GET", path);
    for (const auto& [name, value] : headers) f.header(name, value);
    return asking.question->key_of(f.x);
  };
  const std::vector<std::string> keys = {
      key({}),
      key({{"A", ""}}),
      key({{"A", "x"}}),
      key({{"B", "x"}}),
      key({{"A", "x"}, {"B", "x"}}),
      key({{"A", "x"}, {"A", "x"}}),
      key({{"A", "x1:x"}}),
      key({{"A", "x;"}}),
      key({{"A", "1:x;1:x"}}),
      key({}, "/x"),
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
  }
  EXPECT_EQ(key({{"A", "x"}}), key({{"a", "x"}, {"C", "y"}}));
}

TEST(ExternalDecision, OnlyWhatIsListedIsTaken) {
  const ExternalAuthSettings settings{.take_headers = {"X-User"},
                                      .take_response_headers = {"Location"},
                                      .identity = {.consumer = "x-user", .roles = "X-Roles"}};
  const http::ClientResponse allowed{
      .status = 200, .headers = {{"X-USER", "ann"}, {"X-Roles", "a, b c"}, {"X-Other", "no"}}};
  const auto yes = read_decision(allowed, settings);
  ASSERT_NE(yes, nullptr);
  EXPECT_TRUE(yes->allows);
  ASSERT_EQ(yes->upstream.size(), 1U);
  EXPECT_EQ(yes->upstream[0].value, "ann");
  EXPECT_EQ(yes->identity.consumer, "ann");
  EXPECT_THAT(yes->identity.roles, ElementsAre("a", "b", "c"));
  EXPECT_EQ(yes->identity.strength, Strength::password);

  const http::ClientResponse refused{
      .status = 302, .headers = {{"location", "/login"}, {"X-User", "ann"}}, .body = "go"};
  const auto no = read_decision(refused, settings);
  ASSERT_NE(no, nullptr);
  EXPECT_FALSE(no->allows);
  ExchangeFixture f;
  f.x.response.status = 403;
  f.response_header("Content-Type", "application/problem+json");
  no->answer(f.x);
  EXPECT_EQ(f.x.response.status, 302);
  EXPECT_EQ(f.response_values("Location"), "/login");
  EXPECT_EQ(f.response_values("X-User"), "(none)");
  EXPECT_EQ(f.response_values("Content-Type"), "(none)");
  EXPECT_EQ(testing::drain(*f.x.response.body), "go");
}

TEST(ExternalDecision, NeitherYesNorNoIsNothing) {
  for (int status : {0, 100, 199, 500, 503, 599}) {
    EXPECT_EQ(read_decision({.status = status}, {}), nullptr) << status;
  }
}

TEST(ExternalAuth, LetsNobodyThroughWithoutAnAnswer) {
  PolicyFixture policy("authenticate", R"({"external_auth": {"url": "https://authz/"}})");
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;  // where nobody can be asked
  EXPECT_EQ(policy.request(f), "authenticate.unavailable");
  EXPECT_FALSE(f.x.identity);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
