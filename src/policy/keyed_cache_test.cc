#include "policy/keyed_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport {
namespace {

bool always(const std::string& /*value*/) { return true; }

TEST(KeyedCache, KnowsWhatWasPutThere) {
  KeyedCache<std::string> cache;
  EXPECT_EQ(cache.find("a", always), nullptr);
  cache.put("a", std::make_shared<const std::string>("1"));
  cache.put("b", std::make_shared<const std::string>("2"));
  ASSERT_NE(cache.find("a", always), nullptr);
  EXPECT_EQ(*cache.find("a", always), "1");
  cache.put("a", std::make_shared<const std::string>("3"));
  EXPECT_EQ(*cache.find("a", always), "3");
  EXPECT_EQ(*cache.find("b", always), "2");
}

TEST(KeyedCache, ForgetsWhatDoesNotHoldAnyMore) {
  KeyedCache<std::string> cache;
  cache.put("a", std::make_shared<const std::string>("1"));
  EXPECT_EQ(cache.find("a", [](const std::string& value) { return value != "1"; }), nullptr);
  EXPECT_EQ(cache.find("a", always), nullptr);
}

TEST(KeyedCache, IsBoundedAndForgetsTheOldestFirst) {
  KeyedCache<std::string> cache;
  constexpr int kMany = 40'000;
  auto value = std::make_shared<const std::string>("x");
  for (int i = 0; i < kMany; ++i) cache.put(std::to_string(i), value);
  EXPECT_EQ(cache.find("0", always), nullptr);
  EXPECT_NE(cache.find(std::to_string(kMany - 1), always), nullptr);
  int known = 0;
  for (int i = 0; i < kMany; ++i) known += cache.find(std::to_string(i), always) != nullptr ? 1 : 0;
  EXPECT_EQ(known, 16 * 1024);
  EXPECT_EQ(value.use_count(), known + 1);
}

}  // namespace
}  // namespace sallyport
