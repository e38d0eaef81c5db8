#include "gateway/replace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ReplacementTest : public ::testing::Test {
 protected:
  ReplacementTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-replace-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    file_ = (folder_ / "s.yaml").string();
    std::ofstream(file_) << "before";
  }
  ~ReplacementTest() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
  std::string file_;
};

TEST_F(ReplacementTest, ReplacesAndKeepsWhatWasThere) {
  fs::permissions(file_, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  auto replacement = Replacement::prepare(file_, "after");
  ASSERT_TRUE(replacement) << replacement.error();
  EXPECT_EQ(content(file_), "before");
  ASSERT_TRUE(replacement->publish());
  EXPECT_EQ(content(file_), "after");
  EXPECT_EQ(content(file_ + ".replaced"), "before");
  EXPECT_EQ(fs::status(file_).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_EQ(files(), 2U);
  auto again = Replacement::prepare(file_, "later");
  ASSERT_TRUE(again && again->publish());
  EXPECT_EQ(content(file_ + ".replaced"), "after");
  // What was kept before is kept still, under its time.
  EXPECT_EQ(files(), 3U);
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename();
    if (name == "s.yaml" || name == "s.yaml.replaced") continue;
    EXPECT_THAT(name, HasSubstr("s.yaml.replaced.20"));
    EXPECT_EQ(content(entry.path()), "before");
  }
}

TEST_F(ReplacementTest, LeavesNothingBehindUnlessItIsPublished) {
  {
    auto replacement = Replacement::prepare(file_, "after");
  }
  EXPECT_EQ(content(file_), "before");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ReplacementTest, FollowsALink) {
  const std::string link = (folder_ / "link.yaml").string();
  fs::create_symlink("s.yaml", link);
  auto replacement = Replacement::prepare(link, "after");
  ASSERT_TRUE(replacement && replacement->publish());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(content(file_), "after");
}

TEST_F(ReplacementTest, SaysWhatIsInTheWay) {
  auto missing = Replacement::prepare((folder_ / "gone").string(), "after");
  EXPECT_THAT(missing.error(), HasSubstr("is not there"));
  EXPECT_THAT(Replacement::prepare("/proc/version", "after").error(), HasSubstr("/proc"));
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(file_, fs::perms::owner_read);
  EXPECT_THAT(Replacement::prepare(file_, "after").error(), HasSubstr("may not be written"));
  fs::permissions(file_, fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(Replacement::prepare(file_, "after").error(), HasSubstr("no file can be made in"));
}

}  // namespace
}  // namespace sallyport::gateway
