#include "policies/authenticate/consumer/password_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64url.h"

namespace sallyport::policies::authenticate_detail {
namespace {

PasswordCache::Key key(const PasswordCache& cache, std::string_view both, std::string_view hash) {
  std::string text = base64url_encode(both);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  BasicCredentials credentials;
  EXPECT_TRUE(credentials.parse(text.append((4 - text.size() % 4) % 4, '=')));
  return cache.key_of(credentials, hash);
}

TEST(PasswordCache, KnowsWhatWasRightForAWhile) {
  PasswordCache cache;
  const PasswordCache::Key ada = key(cache, "ada:secret", "hash");
  EXPECT_FALSE(cache.knows(ada, 100));
  cache.remember(ada, 200);
  EXPECT_TRUE(cache.knows(ada, 100));
  EXPECT_TRUE(cache.knows(ada, 199));
  EXPECT_FALSE(cache.knows(ada, 200));
  EXPECT_FALSE(cache.knows(ada, 100)) << "what has expired is forgotten";
}

TEST(PasswordCache, TellsEverythingApart) {
  PasswordCache cache;
  cache.remember(key(cache, "ada:secret", "hash"), 1000);
  for (const auto& [both, hash] :
       std::initializer_list<std::pair<const char*, const char*>>{{"ada:secre", "hash"},
                                                                  {"ada:secret ", "hash"},
                                                                  {"Ada:secret", "hash"},
                                                                  {"adas:ecret", "hash"},
                                                                  {"ada:secret", "hash2"},
                                                                  {"ada:secret", ""}}) {
    EXPECT_FALSE(cache.knows(key(cache, both, hash), 1)) << both << ' ' << hash;
  }
  PasswordCache other;
  const PasswordCache::Key here = key(cache, "ada:secret", "hash");
  const PasswordCache::Key there = key(other, "ada:secret", "hash");
  EXPECT_FALSE(here == there) << "every cache has a secret of its own";
}

TEST(PasswordCache, IsBounded) {
  PasswordCache cache;
  const PasswordCache::Key first = key(cache, "u:0", "hash");
  cache.remember(first, 1000);
  int known = 0;
  constexpr int kMany = 20'000;
  for (int i = 1; i <= kMany; ++i)
    cache.remember(key(cache, "u:" + std::to_string(i), "hash"), 1000);
  for (int i = 1; i <= kMany; ++i) {
    known += cache.knows(key(cache, "u:" + std::to_string(i), "hash"), 1) ? 1 : 0;
  }
  EXPECT_EQ(known, 4096);
  EXPECT_FALSE(cache.knows(first, 1));
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
