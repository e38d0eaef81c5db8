#include "jose/ecdsa_signature.h"

#include <gtest/gtest.h>

namespace sallyport::jose {
namespace {

std::string der_of(std::string_view joined, std::size_t coordinate) {
  const std::optional<DerSignature> der = to_der(joined, coordinate);
  if (!der) return "none";
  return {reinterpret_cast<const char*>(der->bytes.data()), der->size};
}

TEST(EcdsaSignature, WritesTheShortestPositiveNumbers) {
  using namespace std::string_literals;
  EXPECT_EQ(der_of("\x00\x01\x00\x80"s, 2), "\x30\x07\x02\x01\x01\x02\x02\x00\x80"s);
  EXPECT_EQ(der_of("\x00\x00\xFF\xFF"s, 2), "\x30\x08\x02\x01\x00\x02\x03\x00\xFF\xFF"s);
  const std::string largest = der_of(std::string(132, '\xFF'), 66);
  EXPECT_EQ(largest.size(), 141U);
  EXPECT_EQ(largest.substr(0, 5), "\x30\x81\x8A\x02\x43"s);
}

TEST(EcdsaSignature, ComesBackFromDer) {
  for (std::size_t coordinate : {32U, 48U, 66U}) {
    for (char last : {'\x01', '\x7F', '\x80', '\xFF'}) {
      std::string joined(2 * coordinate, '\0');
      joined[coordinate - 1] = last;
      joined[coordinate] = last;
      EXPECT_EQ(from_der(der_of(joined, coordinate), coordinate), joined);
    }
  }
}

TEST(EcdsaSignature, RefusesOtherSizes) {
  EXPECT_EQ(der_of(std::string(63, 'a'), 32), "none");
  EXPECT_EQ(der_of(std::string(65, 'a'), 32), "none");
  EXPECT_EQ(der_of("", 0), "none");
  EXPECT_EQ(der_of(std::string(134, 'a'), 67), "none");
  EXPECT_EQ(from_der("", 32), std::nullopt);
  EXPECT_EQ(from_der("\x30\x03\x02\x01", 32), std::nullopt);
  EXPECT_EQ(from_der(der_of(std::string(96, 'a'), 48), 32), std::nullopt);
}

}  // namespace
}  // namespace sallyport::jose
