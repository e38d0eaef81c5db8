#include "gateway/rekey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/state.h"
#include "gateway/state_folder.h"

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RekeyTest : public ::testing::Test {
 protected:
  RekeyTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-rekey-XXXXXX").string();
    above_ = mkdtemp(name.data());
    settings_.path = (above_ / "state").string();
    EXPECT_EQ(open_error(), "");
  }
  ~RekeyTest() override { fs::remove_all(above_); }

  std::string open_error() {
    auto state = State::open(settings_);
    return state ? "" : state.error();
  }
  // The key from a file, from now on.
  std::string key_file(char digit) {
    const std::string file = (above_ / std::string(1, digit)).string();
    std::ofstream(file) << std::string(64, digit);
    fs::permissions(file, fs::perms::owner_read);
    return file;
  }
  static store::MasterKey key(char digit) {
    return std::move(*store::MasterKey::from_text(std::string(64, digit), "test"));
  }
  std::string error_of(std::optional<store::MasterKey> wanted = {}) {
    auto done = rekey(settings_, std::move(wanted));
    return done ? "" : done.error();
  }
  // Up to where everything is sealed under the next key, and not further.
  void interrupt() {
    std::vector<store::MasterKey> former;
    former.push_back(std::move(*load_master_key(settings_, false)));
    auto state = State::open_alone(settings_, std::move(*FolderLock::alone(settings_.path)),
                                   std::move(*make_next_key(settings_)), std::move(former));
    ASSERT_TRUE(state) << state.error();
    auto resealed =
        (*state)->store().run([](store::Session& session) { return session.reseal(); }).get();
    ASSERT_TRUE(resealed && *resealed > 0);
  }

  fs::path above_;
  config::StateSettings settings_;
};

TEST_F(RekeyTest, ReplacesTheKeyInTheFolder) {
  const auto done = rekey(settings_, std::nullopt);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->secrets, 1U);
  EXPECT_NE(done->former, done->current);
  EXPECT_FALSE(fs::exists(next_key_file(settings_)));
  EXPECT_EQ(open_error(), "");
}

TEST_F(RekeyTest, OpensWithBothKeysWhereItWasInterruptedAndFinishes) {
  const std::string own = settings_.path + "/master.key";
  interrupt();
  EXPECT_EQ(open_error(), "");
  fs::copy_file(next_key_file(settings_), above_ / "next");
  EXPECT_THAT(error_of(key('c')), HasSubstr("was interrupted"));
  EXPECT_EQ(error_of(), "");
  EXPECT_EQ(open_error(), "");
  std::ifstream now(own);
  std::ifstream next(above_ / "next");
  std::string now_text;
  std::string next_text;
  EXPECT_TRUE(now >> now_text && next >> next_text);
  EXPECT_EQ(now_text, next_text);
}

TEST_F(RekeyTest, TakesAKeyThatTheConfigurationWillName) {
  EXPECT_EQ(error_of(key('a')), "");
  EXPECT_THAT(open_error(), HasSubstr("sealed under the master key"));
  settings_.key_file = key_file('a');
  EXPECT_EQ(open_error(), "");
  EXPECT_THAT(error_of(), HasSubstr("--new-key-file"));
  EXPECT_THAT(error_of(key('a')), HasSubstr("the one that is in use"));
  EXPECT_EQ(error_of(key('b')), "");
  EXPECT_EQ(error_of(key('b')), "") << "the second time there is nothing to do";
  EXPECT_THAT(open_error(), HasSubstr("sealed under the master key"));
  settings_.key_file = key_file('b');
  EXPECT_EQ(open_error(), "");
}

TEST_F(RekeyTest, WantsToBeAlone) {
  auto open = State::open(settings_);
  ASSERT_TRUE(open);
  EXPECT_THAT(error_of(), HasSubstr("is in use: stop the gateway"));
  EXPECT_FALSE(fs::exists(next_key_file(settings_)));
  auto other = State::open(settings_);
  EXPECT_TRUE(other) << "gateways share it";
  open->reset();
  other->reset();
  EXPECT_EQ(error_of(), "");
}

}  // namespace
}  // namespace sallyport::gateway
