#include "async/peer_certificate.h"

#include <gtest/gtest.h>

#include <string>

#include "async/test_certificates.h"

namespace sallyport::async {
namespace {

using testing::make_certificate;
using testing::TestCertificate;

std::string names_of(const std::string& alternatives) {
  const TestCertificate made = make_certificate({.alternatives = alternatives});
  std::string text;
  for (const PeerName& name : describe(made.certificate.get()).names) {
    text += (name.kind == PeerName::Kind::dns ? "dns " : "uri ") + name.text + ";";
  }
  return text;
}

TEST(PeerCertificate, HasDnsNamesAndUris) {
  EXPECT_EQ(names_of("DNS:Shop.Example,URI:spiffe://example/Shop,IP:192.0.2.1,email:a@b.example"),
            "dns shop.example;uri spiffe://example/Shop;");
  EXPECT_EQ(names_of(""), "");
}

TEST(PeerCertificate, NamesWithOtherThanVisibleAsciiAreLeftOut) {
  EXPECT_EQ(names_of("DNS:a b,DNS:good,URI:spiffe://a\x01"), "dns good;");
}

TEST(PeerCertificate, OfTooManyNamesNoneIsKnown) {
  std::string many = "DNS:a";
  for (int i = 0; i < 64; ++i) many += ",DNS:a" + std::to_string(i);
  EXPECT_EQ(names_of(many), "");
}

TEST(PeerCertificate, HasSubjectAndFingerprint) {
  const TestCertificate made = make_certificate({.common_name = "a,b"});
  const PeerCertificate peer = describe(made.certificate.get());
  EXPECT_EQ(peer.subject, "CN=a\\,b");
  EXPECT_EQ(peer.fingerprint.size(), 64U);
}

}  // namespace
}  // namespace sallyport::async
