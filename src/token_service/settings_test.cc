#include "token_service/settings.h"

#include <gtest/gtest.h>

#include "json/document.h"
#include "token_service/metadata.h"

namespace sallyport::token_service {
namespace {

TEST(IssuerUrl, HasOneSpelling) {
  std::string why;
  const auto url = parse_issuer("https://api.example.com:8443/tenant/one", &why);
  ASSERT_TRUE(url) << why;
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->origin, "https://api.example.com:8443");
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->path, "/tenant/one");
  ASSERT_TRUE(parse_issuer("http://127.0.0.1:8080", &why)) << why;
  EXPECT_FALSE(parse_issuer("http://127.0.0.1:8080", &why)->secure);
  EXPECT_EQ(parse_issuer("https://[::1]:8443", &why)->host, "[::1]");
  for (std::string_view text : {"",
                                "api.example.com",
                                "http://api.example.com",
                                "https://",
                                "https:///a",
                                "https://a.example/",
                                "https://a.example/b/",
                                "https://a.example//b",
                                "https://A.example",
                                "https://u@a.example",
                                "https://u:p@a.example",
                                "https://a.example:",
                                "https://a.example:0x",
                                "https://a.example?x",
                                "https://a.example#x",
                                "https://a.example/a?b",
                                "https://a.example/..",
                                "https://a.example/.",
                                "https://a.example/%41",
                                "https://a.example/{id}",
                                "https://a.example/*",
                                "https://a example",
                                "ftp://a.example"}) {
    EXPECT_FALSE(parse_issuer(text, &why)) << text;
  }
}

TEST(Places, StandWhereTheStandardsPutThem) {
  const Settings settings{.issuer = "https://a.example/t", .path = "/oauth"};
  const Places places(settings);
  EXPECT_EQ(places.token, "/oauth/token");
  EXPECT_EQ(places.url(places.jwks), "https://a.example/oauth/jwks");
  EXPECT_EQ(places.metadata, "/.well-known/oauth-authorization-server/t");
  EXPECT_EQ(places.openid, "/t/.well-known/openid-configuration");
  const auto document = json::Document::parse(metadata_of(settings, places));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->find("issuer")->string(), "https://a.example/t");
  EXPECT_EQ(document->find("token_endpoint")->string(), "https://a.example/oauth/token");
}

TEST(Settings, BoundTheKeysThatArePublished) {
  using std::chrono::hours;
  using std::chrono::seconds;
  Settings settings{.lifetime = hours(24), .rotation = hours(1)};
  EXPECT_TRUE(keeps_few_keys(settings));
  settings.rotation = std::chrono::minutes(45);
  EXPECT_FALSE(keeps_few_keys(settings));
  settings = {.lifetime = seconds(20), .rotation = seconds(10)};
  EXPECT_TRUE(keeps_few_keys(settings));
}

}  // namespace
}  // namespace sallyport::token_service
