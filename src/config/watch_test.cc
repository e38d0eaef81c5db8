// What counts as a change of a watched file, and when it is told.
#include "config/watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sallyport::config {
namespace {

namespace fs = std::filesystem;

class WatcherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "watch.XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("a", "one");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder_ / name).string();
  }

  fs::path folder_;
};

TEST_F(WatcherTest, IsQuietWhileNothingHappens) {
  Watcher watcher({file("a"), file("missing")});
  EXPECT_FALSE(watcher.changed());
  EXPECT_FALSE(watcher.changed());
}

TEST_F(WatcherTest, TellsAChangeOnceAndOnlyWhenItHasSettled) {
  Watcher watcher({file("a")});
  write("a", "more than one");
  EXPECT_FALSE(watcher.changed()) << "seen once";
  write("a", "more than one and growing");
  EXPECT_FALSE(watcher.changed()) << "still being written";
  EXPECT_TRUE(watcher.changed());
  EXPECT_FALSE(watcher.changed());
}

TEST_F(WatcherTest, NoticesFilesThatComeAndGo) {
  Watcher watcher({file("a"), file("b")});
  write("b", "new");
  EXPECT_FALSE(watcher.changed());
  EXPECT_TRUE(watcher.changed());
  fs::remove(folder_ / "a");
  EXPECT_FALSE(watcher.changed());
  EXPECT_TRUE(watcher.changed());
}

TEST_F(WatcherTest, NoticesAReplacementOfTheSameSizeAndTime) {
  Watcher watcher({file("a")});
  write("b", "two");
  fs::last_write_time(folder_ / "b", fs::last_write_time(folder_ / "a"));
  fs::rename(folder_ / "b", folder_ / "a");
  EXPECT_FALSE(watcher.changed());
  EXPECT_TRUE(watcher.changed());
}

// How a mounted configuration changes in a container: a link to a folder is swapped.
TEST_F(WatcherTest, FollowsLinks) {
  fs::create_directory(folder_ / "v1");
  fs::create_directory(folder_ / "v2");
  write("v1/f", "same");
  write("v2/f", "same");
  fs::create_directory_symlink("v1", folder_ / "data");
  fs::create_symlink("data/f", folder_ / "f");
  Watcher watcher({file("f")});
  fs::create_directory_symlink("v2", folder_ / "next");
  fs::rename(folder_ / "next", folder_ / "data");
  EXPECT_FALSE(watcher.changed());
  EXPECT_TRUE(watcher.changed());
}

TEST_F(WatcherTest, DoesNotLoseAChangeWhenTheListOfFilesChanges) {
  Watcher watcher({file("a")});
  write("a", "changed before the list was");
  watcher.watch({file("a"), file("b")});
  EXPECT_FALSE(watcher.changed());
  EXPECT_TRUE(watcher.changed());
}

}  // namespace
}  // namespace sallyport::config
