#include "token_service/credentials.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/exchange_fixture.h"

namespace sallyport::token_service {
namespace {

using testing::ExchangeFixture;

constexpr std::string_view kWebSecret = "Basic d2ViOnNlY3JldA==";  // web:secret
constexpr std::string_view kType =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

TEST(BasicCredentials, AreFormEncodedInBase64) {
  const auto plain = BasicCredentials::parse(kWebSecret);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->id(), "web");
  EXPECT_EQ(plain->secret(), "secret");
  const auto odd = BasicCredentials::parse("basic YSUzQWIrYzpwJTI2JTNB");  // a%3Ab+c:p%26%3A
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->id(), "a:b c");
  EXPECT_EQ(odd->secret(), "p&:");
  // Only the first colon separates.
  const auto colons = BasicCredentials::parse("Basic YTpiOmM=");
  ASSERT_TRUE(colons);
  EXPECT_EQ(colons->secret(), "b:c");
}

TEST(BasicCredentials, KeepTheirTextsWhenTheyAreMoved) {
  auto made = BasicCredentials::parse(kWebSecret);
  ASSERT_TRUE(made);
  const BasicCredentials moved = std::move(*made);
  EXPECT_EQ(moved.id(), "web");
  EXPECT_EQ(moved.secret(), "secret");
}

TEST(BasicCredentials, HaveOneSpelling) {
  for (std::string_view value : {
           "Basic", "Basic ", "Bearer d2ViOnNlY3JldA==", "Basic  d2ViOnNlY3JldA==",
           "Basic d2ViOnNlY3JldA", "Basic d2ViOnNlY3JldA=", "Basic d2ViOnNlY3JldA===",
           "Basic d2ViOnNlY3JldB==",                                // bits that are left over
           "Basic d2Vi\nOnNlY3JldA==", "Basic -_-_", "Basic d2Vi",  // no colon
           "Basic OnNlY3JldA==",                                    // no id
           "Basic JTAwOnM=", "Basic JTpz", "Basic YTolNA==",        // %00:s  %:s  a:%4
       }) {
    EXPECT_FALSE(BasicCredentials::parse(value)) << value;
  }
  EXPECT_FALSE(BasicCredentials::parse("Basic " + std::string(8192, 'A')));
}

// The way, or the reason.
std::string way(const ExchangeFixture& f, std::string_view body) {
  const auto form = Form::parse(body);
  if (!form) return "no form";
  const auto found = credentials_of(f.x, *form);
  return std::string(found ? name_of(found->way) : found.error().reason->code);
}

TEST(Credentials, AreOfExactlyOneWay) {
  const std::string assertion = std::string(kType) + "&client_assertion=a.b.c";
  struct Case {
    int headers;
    std::string body;
    std::string_view way;
  };
  const Case cases[] = {
      {1, "", "client_secret_basic"},
      {1, "client_id=web", "client_secret_basic"},
      {1, "client_id=other", "token_service.invalid_request"},
      {2, "", "token_service.invalid_request"},
      {1, "client_secret=s", "token_service.invalid_request"},
      {1, assertion, "token_service.invalid_request"},
      {0, "client_id=web&client_secret=s", "client_secret_post"},
      {0, "client_secret=s", "token_service.invalid_client"},
      {0, "client_id=web", "token_service.invalid_client"},
      {0, "", "token_service.invalid_client"},
      {0, assertion, "private_key_jwt"},
      {0, assertion + "&client_secret=s", "token_service.invalid_request"},
      {0, "client_assertion=a.b.c", "token_service.invalid_request"},
      {0, "client_assertion=a.b.c&client_assertion_type=x", "token_service.invalid_request"},
  };
  for (const Case& c : cases) {
    ExchangeFixture f;
    for (int i = 0; i < c.headers; ++i) f.header("Authorization", kWebSecret);
    EXPECT_EQ(way(f, c.body), c.way) << c.headers << " headers, " << c.body;
  }
}

TEST(Credentials, AreACertificateWhereNothingElseIsSaid) {
  ExchangeFixture f;
  f.x.tls.client_subject = "CN=web";
  EXPECT_EQ(way(f, "client_id=web"), "tls_client_auth");
  EXPECT_EQ(way(f, "client_id=web&client_secret=s"), "client_secret_post");
  EXPECT_EQ(way(f, ""), "token_service.invalid_client");
  f.header("Authorization", kWebSecret);
  EXPECT_EQ(way(f, "client_id=web"), "client_secret_basic");
}

}  // namespace
}  // namespace sallyport::token_service
