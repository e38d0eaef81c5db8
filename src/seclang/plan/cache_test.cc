#include "seclang/plan/cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

class CacheTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "cache_test.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    cache_.emplace(folder_);
    cache_->put(key_, "a database");
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string file() const { return folder_ + "/" + key_; }

  const std::string key_ = Cache::key_of("patterns");
  std::string folder_;
  std::optional<Cache> cache_;
};

TEST_F(CacheTest, what_was_put_there_is_found_again) {
  EXPECT_EQ(cache_->get(key_), "a database");
  EXPECT_EQ(cache_->get(Cache::key_of("others")), std::nullopt);
  EXPECT_EQ(cache_->why_distrusted(), "");
}

TEST_F(CacheTest, a_file_that_is_damaged_is_as_good_as_missing) {
  std::ifstream in(file(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  auto now_holds = [&](const std::string& text) {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
    return cache_->get(key_);
  };
  ASSERT_TRUE(now_holds(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(now_holds(whole.substr(0, size)), std::nullopt) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 1;
    EXPECT_EQ(now_holds(changed), std::nullopt) << at;
  }
  EXPECT_EQ(now_holds(whole + "x"), std::nullopt);
}

TEST_F(CacheTest, what_is_no_file_is_as_good_as_missing) {
  const std::string elsewhere = folder_ + "/elsewhere";
  fs::rename(file(), elsewhere);
  fs::create_directory(file());
  EXPECT_EQ(cache_->get(key_), std::nullopt) << "a folder";
  fs::remove(file());
  fs::create_symlink(elsewhere, file());
  EXPECT_EQ(cache_->get(key_), std::nullopt) << "a link";
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_EQ(cache_->get(key_), std::nullopt) << "a pipe nobody writes to";
}

TEST_F(CacheTest, a_folder_others_may_write_to_is_not_used_and_said_to_be) {
  for (const mode_t mode : {0770U, 0702U}) {
    ASSERT_EQ(::chmod(folder_.c_str(), mode), 0);
    EXPECT_EQ(cache_->get(key_), std::nullopt);
    EXPECT_NE(cache_->why_distrusted().find(folder_ + " is not used"), std::string::npos);
    cache_->put(Cache::key_of("more"), "more");
  }
  ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
  EXPECT_EQ(cache_->get(key_), "a database");
  EXPECT_EQ(cache_->get(Cache::key_of("more")), std::nullopt);
}

TEST_F(CacheTest, prunes_what_was_asked_for_longest_ago) {
  const std::string old = Cache::key_of("old");
  const std::string older = Cache::key_of("older");
  cache_->put(old, "a database");
  cache_->put(older, "a database");
  auto age = [&](const std::string& name, int hours) {
    const fs::path path = folder_ + "/" + name;
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  std::ofstream(folder_ + "/" + older + ".4711") << "half of";
  std::ofstream(folder_ + "/somebody-else's") << std::string(1000, 'x');
  age(older + ".4711", 6);
  age(older, 4);
  age(old, 3);
  age(key_, 5);
  EXPECT_TRUE(cache_->get(key_));  // and is the youngest again
  const std::uintmax_t one = fs::file_size(file());
  cache_->prune(2 * one);
  EXPECT_FALSE(fs::exists(folder_ + "/" + older + ".4711"));
  EXPECT_EQ(cache_->get(older), std::nullopt);
  EXPECT_TRUE(cache_->get(old));
  EXPECT_TRUE(cache_->get(key_));
  EXPECT_TRUE(fs::exists(folder_ + "/somebody-else's"));
  cache_->prune(0);
  EXPECT_EQ(cache_->get(key_), std::nullopt);
  EXPECT_TRUE(fs::exists(folder_ + "/somebody-else's"));
}

}  // namespace
}  // namespace sallyport::seclang
