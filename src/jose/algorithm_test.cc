#include "jose/algorithm.h"

#include <gtest/gtest.h>

namespace sallyport::jose {
namespace {

TEST(Algorithm, HasANameThatFindsItAgain) {
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    EXPECT_EQ(algorithm_named(name_of(algorithm)), algorithm);
  }
  EXPECT_EQ(name_of(Algorithm::hs256), "HS256");
  EXPECT_EQ(name_of(Algorithm::ps384), "PS384");
  EXPECT_EQ(name_of(Algorithm::es512), "ES512");
  EXPECT_EQ(name_of(Algorithm::eddsa), "EdDSA");
}

TEST(Algorithm, KnowsNoOtherSpelling) {
  for (std::string_view name : {"none", "None", "NONE", "", "hs256", "HS256 ", "ES256K", "RS1",
                                "HS1", "A128KW", "RSA-OAEP", "dir", "eddsa", "ES384\n"}) {
    EXPECT_EQ(algorithm_named(name), std::nullopt) << name;
  }
  EXPECT_EQ(algorithm_named(std::string_view("HS256\0", 6)), std::nullopt);
}

TEST(AlgorithmSet, IsASet) {
  AlgorithmSet set{Algorithm::rs256, Algorithm::eddsa};
  EXPECT_TRUE(set.contains(Algorithm::eddsa));
  EXPECT_FALSE(set.contains(Algorithm::rs384));
  EXPECT_EQ(to_text(set), "RS256, EdDSA");
  set.erase(Algorithm::rs256);
  EXPECT_EQ(set, AlgorithmSet{Algorithm::eddsa});
  EXPECT_TRUE(set.intersection({Algorithm::hs256}).empty());
  EXPECT_EQ(set.intersection(AlgorithmSet::all()), set);
  EXPECT_EQ(to_text({}), "no algorithm");
}

}  // namespace
}  // namespace sallyport::jose
