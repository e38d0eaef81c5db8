#include "admin/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "admin/fake_backend.h"
#include "config/admin_people.h"

namespace sallyport::admin {
namespace {

using testing::FakeBackend;
using ::testing::HasSubstr;
using ::testing::Not;

class RouterTest : public ::testing::Test {
 protected:
  AdminRequest request(std::string_view method, std::string_view path,
                       std::string_view query = {}) {
    return {.method = method,
            .path = path,
            .query = query,
            .host = "127.0.0.1",
            .authority = "127.0.0.1:9901",
            .origin = {},
            .fetch_site = {},
            .authorization = {},
            .content_type = {},
            .if_match = {},
            .content_length = {},
            .local = *net::Address::parse("127.0.0.1"),
            .peer = *net::Address::parse("127.0.0.1")};
  }
  Reply ask(const AdminRequest& request) {
    std::expected<Router::Admitted, Reply> admitted = std::unexpected(Reply{.status = 0});
    router.admit(request, 0, [&admitted](auto judged) { admitted = std::move(judged); });
    if (!admitted) return admitted.error();
    std::optional<Reply> reply;
    router.answer(*admitted, "", [&reply](Reply given) {
      EXPECT_FALSE(reply) << "answered twice";
      reply = std::move(given);
    });
    return reply.value_or(Reply{.status = 0, .body = "no answer"});
  }
  Reply ask(std::string_view method, std::string_view path, std::string_view query = {}) {
    return ask(request(method, path, query));
  }

  FakeBackend backend;
  Router router{backend, [](std::move_only_function<void()> work) { work(); }};
};

TEST_F(RouterTest, AnswersEveryPathWithItsMethods) {
  struct Case {
    std::string_view method;
    std::string_view path;
    int status;
    std::string_view body;
  };
  const Case cases[] = {
      {"GET", "/health", 200, "\"alive\""},
      {"HEAD", "/health", 200, "\"alive\""},
      {"GET", "/ready", 200, "\"ready\": true"},
      {"GET", "/config", 200, R"("configuration":{"listen":[]})"},
      {"GET", "/metrics", 200, "metric 1"},
      {"POST", "/reload", 200, "\"revision\":4"},
      {"GET", "/trails/known", 200, "known"},
      {"GET", "/trails/unknown", 404, "admin.unknown_request"},
      {"GET", "/trails/", 404, "admin.not_found"},
      {"GET", "/trails", 404, "admin.not_found"},
      {"GET", "/trails/known/more", 404, "admin.not_found"},
      {"GET", "/v1/openapi.json", 200, "\"openapi\":\"3.1.0\""},
      {"GET", "/v1/consumers", 404, "admin.no_state"},
      {"GET", "/v1/whoami", 404, "admin.no_state"},
      {"GET", "/v1/config/revisions/1/text", 404, "admin.no_state"},
      {"POST", "/v1/config/revisions/1/rollback", 404, "admin.no_state"},
      {"GET", "/", 404, "admin.not_found"},
      {"GET", "/health/", 404, "admin.not_found"},
      {"GET", "/explain", 400, "method and url are needed"},
      {"POST", "/health", 405, "admin.method_not_allowed"},
      {"DELETE", "/metrics", 405, "admin.method_not_allowed"},
      {"GET", "/reload", 405, "admin.method_not_allowed"},
      {"OPTIONS", "/reload", 405, "admin.method_not_allowed"},
  };
  for (const Case& each : cases) {
    Reply reply = ask(each.method, each.path);
    EXPECT_EQ(reply.status, each.status) << each.method << ' ' << each.path;
    EXPECT_THAT(reply.body, HasSubstr(each.body)) << each.method << ' ' << each.path;
  }
  EXPECT_EQ(backend.reloads, 1);
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  EXPECT_EQ(ask("GET", "/reload").allow, "POST");
  EXPECT_EQ(ask("POST", "/config").allow, "GET, HEAD");
}

TEST_F(RouterTest, IsNotReadyForAReason) {
  backend.ready = {.ready = false, .revision = 3, .reasons = {"stopping"}, .notes = {"note"}};
  Reply reply = ask("GET", "/ready");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("stopping"));
  EXPECT_THAT(reply.body, HasSubstr("note"));
  EXPECT_EQ(ask("GET", "/health").status, 200);
}

TEST_F(RouterTest, TellsWhyAReloadWasRefused) {
  backend.reloaded = {.ok = false,
                      .revision = 3,
                      .diagnostics_json = R"({"errors":1})",
                      .error = "port 80 is taken"};
  Reply reply = ask("POST", "/reload");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_THAT(reply.body, HasSubstr("port 80 is taken"));
  EXPECT_THAT(reply.body, HasSubstr(R"("errors":1)"));
}

TEST_F(RouterTest, GivesPrometheusItsContentType) {
  EXPECT_THAT(std::string(ask("GET", "/metrics").content_type), HasSubstr("version=0.0.4"));
}

TEST_F(RouterTest, HandsOnAQuestion) {
  Reply reply =
      ask("GET", "/explain",
          "method=GET&url=http%3A%2F%2Fa%2Fb%3Fc&client=10.0.0.1&header=A%3A+b&header=C%3Ad&"
          "tls=true");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(backend.asked.url, "http://a/b?c");
  EXPECT_EQ(backend.asked.client, "10.0.0.1");
  EXPECT_EQ(backend.asked.headers, (std::vector<std::string>{"A: b", "C:d"}));
  EXPECT_TRUE(backend.asked.tls);
}

TEST_F(RouterTest, RefusesQuestionsThatMakeNoSense) {
  for (const char* query :
       {"method=GET", "url=/", "method=%zz&url=/", "method=GET&url=/&x=1", "method=BAD&url=/"}) {
    EXPECT_EQ(ask("GET", "/explain", query).status, 400) << query;
  }
}

TEST_F(RouterTest, AnswersToItsOwnAddressOnly) {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.8.8", "[::1]", ""}) {
    AdminRequest asked = request("GET", "/health");
    asked.host = host;
    EXPECT_EQ(ask(asked).status, 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "10.0.0.1", "[2001:db8::1]", "[", "[]", "0.0.0.0", "127.1"}) {
    AdminRequest asked = request("GET", "/config");
    asked.host = host;
    EXPECT_EQ(ask(asked).status, 421) << host;
  }
  AdminRequest asked = request("GET", "/health");
  asked.host = "10.0.0.1";
  asked.local = *net::Address::parse("10.0.0.1");
  EXPECT_EQ(ask(asked).status, 200);
}

TEST(OwnHost, MayBeANameOfTheCertificate) {
  const net::Address local = *net::Address::parse("10.0.0.1");
  const std::vector<std::string> names = {"admin.example.com", "*.ops.example.com"};
  for (const char* host : {"admin.example.com", "a.ops.example.com", "10.0.0.1", "localhost"}) {
    EXPECT_TRUE(is_own_host(host, local, names)) << host;
  }
  for (const char* host : {"example.com", "evil.example", "ops.example.com", "a.b.ops.example.com",
                           "x.admin.example.com", "10.0.0.2", ""}) {
    EXPECT_FALSE(is_own_host(host, local, names)) << host;
  }
}

TEST_F(RouterTest, OverTlsItsOriginIsHttps) {
  AdminRequest own = request("POST", "/reload");
  own.tls = true;
  own.origin = "https://127.0.0.1:9901";
  EXPECT_EQ(ask(own).status, 200);
  own.origin = "http://127.0.0.1:9901";
  EXPECT_EQ(ask(own).status, 403);
}

TEST_F(RouterTest, TellsOtherMachinesLittleUnasked) {
  backend.ready = {.ready = true, .revision = 3, .reasons = {}, .notes = {"upstream x is down"}};
  AdminRequest probe = request("GET", "/ready");
  probe.peer = *net::Address::parse("10.0.0.9");
  EXPECT_THAT(ask(probe).body, Not(HasSubstr("upstream x")));
  EXPECT_THAT(ask("GET", "/ready").body, HasSubstr("upstream x"));
  AdminRequest scraper = request("GET", "/metrics");
  scraper.peer = probe.peer;
  EXPECT_EQ(ask(scraper).status, 200) << "nobody can sign in here";
  auto settings = std::make_shared<config::AdminSettings>();
  settings->people = std::make_shared<const config::AdminPeople>();
  backend.admin = settings;
  EXPECT_EQ(ask(scraper).status, 401);
  EXPECT_EQ(ask("GET", "/metrics").status, 200);
  EXPECT_EQ(ask("GET", "/config").status, 401) << "people sign in without a store, too";
}

TEST_F(RouterTest, LetsNoOtherSiteChangeAnything) {
  AdminRequest own = request("POST", "/reload");
  own.origin = "http://127.0.0.1:9901";
  EXPECT_EQ(ask(own).status, 200);
  own.fetch_site = "same-origin";
  EXPECT_EQ(ask(own).status, 200);
  for (const char* origin : {"https://evil.example", "http://127.0.0.1:8080", "null",
                             "http://127.0.0.1:9901.evil.example"}) {
    AdminRequest other = request("POST", "/reload");
    other.origin = origin;
    EXPECT_EQ(ask(other).status, 403) << origin;
  }
  AdminRequest hidden = request("POST", "/reload");
  hidden.fetch_site = "cross-site";
  EXPECT_EQ(ask(hidden).status, 403);
  EXPECT_EQ(backend.reloads, 2);
}

TEST(Routes, MatchSegmentBySegment) {
  using Values = std::vector<std::string>;
  EXPECT_EQ(match("/a", "/a"), Values());
  EXPECT_EQ(match("/a/{x}", "/a/b"), Values{"b"});
  EXPECT_EQ(match("/a/{x}/c", "/a/b%2Fb/c"), Values{"b/b"});
  EXPECT_EQ(match("/a/{x}", "/a/b+c"), Values{"b+c"});
  for (const char* path : {"/a", "/a/", "/a/b/c", "/a/b/", "/b/b", "/a/%zz", "", "/", "a/b"}) {
    EXPECT_EQ(match("/a/{x}", path), std::nullopt) << path;
  }
}

}  // namespace
}  // namespace sallyport::admin
