#include "issuers/provider.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

const std::string kIssuer = "https://login.example.com";

std::string document(const std::string& more = "") {
  return R"({"issuer":"https://login.example.com","jwks_uri":"https://login.example.com/jwks")" +
         more + "}";
}

TEST(Provider, IsWhatItsDocumentSays) {
  const auto provider =
      read_provider(document(R"(,"authorization_endpoint":"https://login.example.com/auth?a=b",
        "token_endpoint":"https://login.example.com/token",
        "end_session_endpoint":"https://login.example.com/end",
        "authorization_response_iss_parameter_supported":true,
        "token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_post"])"),
                    kIssuer);
  ASSERT_TRUE(provider);
  EXPECT_EQ(provider->jwks_uri, "https://login.example.com/jwks");
  EXPECT_EQ(provider->authorization_endpoint, "https://login.example.com/auth?a=b");
  EXPECT_EQ(provider->token_endpoint, "https://login.example.com/token");
  EXPECT_EQ(provider->end_session_endpoint, "https://login.example.com/end");
  EXPECT_TRUE(provider->names_itself);
  EXPECT_FALSE(provider->takes_basic);
}

TEST(Provider, NeedsNothingButItsKeys) {
  const auto provider = read_provider(document(), kIssuer);
  ASSERT_TRUE(provider);
  EXPECT_EQ(provider->authorization_endpoint, "");
  EXPECT_FALSE(provider->names_itself);
  EXPECT_TRUE(provider->takes_basic);
}

TEST(Provider, EndpointsThatMayNotBeAskedAreNone) {
  for (std::string_view url :
       {"http://login.example.com/auth", "javascript:alert(1)", "https://u:p@login.example.com/",
        "https://login.example.com/a b", "https://login.example.com/#x", "//evil.example/",
        R"(https://login.example.com/\r\nSet-Cookie: a=1)"}) {
    const auto provider =
        read_provider(document(R"(,"authorization_endpoint":")" + std::string(url) + '"'), kIssuer);
    ASSERT_TRUE(provider) << url;
    EXPECT_EQ(provider->authorization_endpoint, "") << url;
  }
}

TEST(Provider, AnothersDocumentIsRefused) {
  EXPECT_FALSE(read_provider(document(), "https://login.example.com/"));
  EXPECT_FALSE(read_provider(document(), "https://evil.example"));
  EXPECT_FALSE(read_provider("[]", kIssuer));
  EXPECT_FALSE(read_provider("{", kIssuer));
  EXPECT_FALSE(read_provider(R"({"issuer":"https://login.example.com"})", kIssuer));
}

}  // namespace
}  // namespace sallyport
