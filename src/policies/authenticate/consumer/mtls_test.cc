#include "policies/authenticate/consumer/mtls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using async::PeerName;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

constexpr PeerName::Kind kDns = PeerName::Kind::dns;
constexpr PeerName::Kind kUri = PeerName::Kind::uri;
const std::string kFingerprint(64, 'a');

// Who the policy says is calling with that certificate, or the code of its refusal.
std::string caller(const std::string& block, const std::vector<PeerName>& names,
                   std::string_view subject = "CN=shop") {
  PolicyFixture policy("authenticate", R"({"mtls": )" + block + "}");
  EXPECT_EQ(policy.errors, "");
  ExchangeFixture f;
  f.x.tls.on = true;
  f.x.tls.client_subject = subject;
  f.x.tls.client_fingerprint = kFingerprint;
  f.x.tls.client_names = names;
  const std::string verdict = policy.request(f);
  if (verdict != "passed") return verdict;
  EXPECT_EQ(f.x.identity->method, "mtls");
  EXPECT_EQ(f.x.identity->strength, Strength::certificate);
  EXPECT_EQ(f.x.identity->subject, subject);
  return "=" + std::string(f.x.identity->consumer);
}

TEST(Mtls, NamesTheConsumerByOnePartOfTheCertificate) {
  const std::vector<PeerName> names = {{kDns, "shop.example"}, {kUri, "spiffe://example/shop"}};
  EXPECT_EQ(caller(R"({"consumer": "subject"})", names), "=CN=shop");
  EXPECT_EQ(caller(R"({"consumer": "san_dns"})", names), "=shop.example");
  EXPECT_EQ(caller(R"({"consumer": "san_uri"})", names), "=spiffe://example/shop");
  EXPECT_EQ(caller(R"({"consumer": "spiffe"})", names), "=spiffe://example/shop");
  EXPECT_EQ(caller(R"({"consumer": "fingerprint"})", names), "=" + kFingerprint);
  EXPECT_EQ(caller("{}", names), "=");
}

TEST(Mtls, RefusesWhatNamesNobodyOrSeveral) {
  EXPECT_EQ(caller(R"({"consumer": "san_dns"})", {}), "authenticate.invalid");
  EXPECT_EQ(caller(R"({"consumer": "san_dns"})", {{kDns, "a"}, {kDns, "b"}}),
            "authenticate.invalid");
  EXPECT_EQ(caller(R"({"consumer": "subject"})", {}, ""), "authenticate.invalid");
  EXPECT_EQ(caller(R"({"consumer": "spiffe"})", {{kUri, "https://example/shop"}}),
            "authenticate.invalid");
  EXPECT_EQ(caller(R"({"consumer": "san_uri"})", {{kDns, "spiffe://example/shop"}}),
            "authenticate.invalid");
}

TEST(Mtls, FindsConsumersByWhatTheirCertificatesHave) {
  const std::string block = R"({"consumers": {
    "shop": {"san_dns": ["Shop.example", "shop.test"]},
    "spiffe": {"san_uri": "spiffe://example/shop"},
    "pinned": {"fingerprint": ")" +
                            std::string(64, 'B') + R"("},
    "office": {"subject": "CN=office"}}})";
  EXPECT_EQ(caller(block, {{kDns, "other"}, {kDns, "shop.example"}}), "=shop");
  EXPECT_EQ(caller(block, {{kUri, "spiffe://example/shop"}}), "=spiffe");
  EXPECT_EQ(caller(block, {}, "CN=office"), "=office");
  EXPECT_EQ(caller(block, {{kDns, "shop.example"}, {kDns, "shop.test"}}), "=shop");
  EXPECT_EQ(caller(block, {{kDns, "shop.example"}}, "CN=office"), "authenticate.invalid");
  EXPECT_EQ(caller(block, {{kUri, "shop.example"}}), "authenticate.invalid");
  EXPECT_EQ(caller(block, {}), "authenticate.invalid");
  EXPECT_EQ(
      caller(R"({"consumers": {"pinned": {"fingerprint": "AA:)" + std::string(62, 'a') + R"("}}})",
             {}),
      "=pinned");
}

TEST(Mtls, WithoutACertificateNothingIsThere) {
  PolicyFixture policy("authenticate", R"({"mtls": {"consumer": "subject"}})");
  ExchangeFixture f;
  f.x.tls.on = true;
  EXPECT_EQ(policy.request(f), "authenticate.missing");
}

TEST(Mtls, SaysWhatCannotBe) {
  auto errors = [](const std::string& block) {
    return PolicyFixture("authenticate", R"({"mtls": )" + block + "}").errors;
  };
  EXPECT_THAT(errors(R"({"consumers": {"a": {"fingerprint": "abc"}}})"), HasSubstr("64"));
  EXPECT_THAT(errors(R"({"consumers": {"a": {"san_dns": "x"}, "b": {"san_dns": "X"}}})"),
              HasSubstr("stands for another one"));
  EXPECT_THAT(errors(R"({"consumer": "subject", "consumers": {"a": {"san_dns": "x"}}})"),
              HasSubstr("consumers"));
  EXPECT_NE(errors(R"({"consumers": {"a": {}}})"), "");
  EXPECT_NE(errors(R"({"consumers": {"a": {"san_dns": ""}}})"), "");
}

}  // namespace
}  // namespace sallyport
