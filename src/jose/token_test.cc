#include "jose/token.h"
#include <gtest/gtest.h>
namespace sallyport::jose {
namespace {
TEST(Smoke, All) {
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    auto a = static_cast<Algorithm>(i);
    auto key = Key::generate(a, "k1");
    ASSERT_TRUE(key.has_value()) << key.error();
    auto token =
        sign_compact(*key, a, "JWT", R"({"iss":"i","aud":["a"],"exp":2000000000,"scope":"a b"})");
    ASSERT_TRUE(token.has_value()) << token.error();
    std::vector<Key> keys;
    keys.push_back(std::move(*key));
    KeySet set = KeySet::of(std::move(keys));
    auto t = verify(*token, set, {.issuers = {"i"}, .audiences = {"a"}},
                    Time(std::chrono::seconds(1900000000)));
    ASSERT_TRUE(t.has_value()) << name_of(a) << t.error().sentence;
    EXPECT_EQ(t->scopes().size(), 2U);
    GTEST_LOG_(INFO) << set.keys()[0].to_public_jwk() << set.keys()[0].thumbprint();
  }
}
}  // namespace
}  // namespace sallyport::jose
