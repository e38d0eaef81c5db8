#include "gateway/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gateway/state_folder.h"
#include "store/audit/audit_verify.h"

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view kOtherKey =
    "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class StateTest : public ::testing::Test {
 protected:
  StateTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-state-XXXXXX").string();
    above_ = mkdtemp(name.data());
    settings_.path = (above_ / "state").string();
  }
  ~StateTest() override { fs::remove_all(above_); }

  // The error; empty: it was opened.
  std::string open() {
    auto state = State::open(settings_);
    return state ? "" : state.error();
  }
  std::string file(std::string_view name, std::string_view text, mode_t mode = 0600) {
    const fs::path path = above_ / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path.string();
  }
  static mode_t mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  fs::path above_;
  config::StateSettings settings_;
};

TEST_F(StateTest, MakesAFolderForItsOwnerAndAKeyAtTheFirstStartOnly) {
  ASSERT_EQ(open(), "");
  EXPECT_EQ(mode_of(settings_.path), 0700);
  EXPECT_EQ(mode_of(fs::path(settings_.path) / "audit"), 0700);
  EXPECT_EQ(mode_of(fs::path(settings_.path) / "master.key"), 0600);
  EXPECT_EQ(mode_of(database_file(settings_)), 0600);
  std::ifstream first(settings_.path + "/master.key");
  const std::string key{std::istreambuf_iterator<char>(first), {}};
  EXPECT_EQ(open(), "");
  std::ifstream second(settings_.path + "/master.key");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(second), {}), key);
  for (const auto& entry : fs::directory_iterator(settings_.path)) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::Not(HasSubstr("key.")));
  }
}

TEST_F(StateTest, KeepsWhatWasStoredAndRecorded) {
  {
    auto state = State::open(settings_);
    ASSERT_TRUE(state) << state.error();
    auto made = (*state)->store().run(
        [](store::Session& session) { return session.consumers.create({.name = "ada"}); });
    ASSERT_TRUE(made.get());
    (*state)->record({.actor = "test", .action = "consumer.create", .object = "consumer/ada"});
  }
  auto state = State::open(settings_);
  ASSERT_TRUE(state) << state.error();
  EXPECT_NE((*state)->callers().view()->consumer_named("ada"), nullptr);
  store::AuditVerifier verifier;
  ASSERT_TRUE(verifier.add((*state)->audit().signer().public_key()));
  const store::AuditReport report = store::verify_audit_trail(trail_file(settings_), verifier);
  EXPECT_TRUE(report.whole());
  EXPECT_EQ(report.events, 1);
  EXPECT_EQ(report.not_yet_signed, 0);
  EXPECT_THAT((*state)->complaints(), IsEmpty());
}

TEST_F(StateTest, RefusesAnotherMasterKeyAndChangesNothing) {
  settings_.key_file = file("first.key", kKey);
  ASSERT_EQ(open(), "");
  settings_.key_file = file("second.key", kOtherKey);
  const auto size = fs::file_size(trail_file(settings_));
  EXPECT_THAT(open(), HasSubstr("master key"));
  EXPECT_EQ(fs::file_size(trail_file(settings_)), size);
  settings_.key_file = above_ / "first.key";
  EXPECT_EQ(open(), "");
}

TEST_F(StateTest, RefusesADatabaseWhoseKeyIsGone) {
  ASSERT_EQ(open(), "");
  fs::remove(settings_.path + "/master.key");
  EXPECT_THAT(open(), HasSubstr("is gone: restore the file"));
  EXPECT_FALSE(fs::exists(settings_.path + "/master.key"));
}

TEST_F(StateTest, RefusesFoldersThatOthersCanOpenAndFoldersThatAreNone) {
  fs::create_directory(settings_.path);
  ::chmod(settings_.path.c_str(), 0755);
  EXPECT_THAT(open(), HasSubstr("is open to other users of this machine: run `chmod 0700 "));
  ::chmod(settings_.path.c_str(), 0770);
  EXPECT_THAT(open(), HasSubstr("is open to other users of this machine"));
  ::chmod(settings_.path.c_str(), 0750);
  EXPECT_EQ(open(), "");
  ::chmod((settings_.path + "/audit").c_str(), 0777);
  EXPECT_THAT(open(), HasSubstr("/audit is open to other users"));
  settings_.path = file("a_file", "");
  EXPECT_THAT(open(), HasSubstr("cannot be made"));
  settings_.path = (above_ / "not" / "there").string();
  EXPECT_THAT(open(), HasSubstr("cannot be made: No such file or directory"));
}

TEST_F(StateTest, RefusesKeysThatOthersCanReadAndKeysThatAreNone) {
  settings_.key_file = file("open.key", kKey, 0644);
  EXPECT_THAT(open(), HasSubstr("open to every user of this machine: run `chmod o= "));
  settings_.key_file = file("short.key", "0011");
  EXPECT_THAT(open(), HasSubstr("holds no master key"));
  EXPECT_THAT(open(), ::testing::Not(HasSubstr("0011")));
  const std::string pipe = (above_ / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  settings_.key_file = pipe;
  EXPECT_THAT(open(), HasSubstr("is not a regular file"));
}

TEST_F(StateTest, RefusesADamagedDatabaseAndLeavesItAsItIs) {
  ASSERT_EQ(open(), "");
  std::ofstream(database_file(settings_), std::ios::trunc) << std::string(8192, 'x');
  EXPECT_THAT(open(), HasSubstr("is damaged"));
  EXPECT_EQ(fs::file_size(database_file(settings_)), 8192);
}

TEST_F(StateTest, AKeyFromTheEnvironmentIsForgottenThereAndKeptForASuccessor) {
  settings_.key_variable = "SALLYPORT_STATE_TEST_KEY";
  ::setenv("SALLYPORT_STATE_TEST_KEY", std::string(kKey).c_str(), 1);
  auto state = State::open(settings_);
  ASSERT_TRUE(state) << state.error();
  EXPECT_EQ(std::getenv("SALLYPORT_STATE_TEST_KEY"), nullptr);
  EXPECT_EQ((*state)->key_for_successor().view(), "SALLYPORT_STATE_TEST_KEY=" + std::string(kKey));
  EXPECT_FALSE(fs::exists(settings_.path + "/master.key"));
}

TEST_F(StateTest, SaysWhenTheDatabaseIsGoneAndGoesOnServing) {
  auto state = State::open(settings_);
  ASSERT_TRUE(state) << state.error();
  auto made = (*state)->store().run(
      [](store::Session& session) { return session.consumers.create({.name = "ada"}); });
  ASSERT_TRUE(made.get());
  fs::rename(database_file(settings_), above_ / "away.db");
  auto failed = (*state)->store().run(
      [](store::Session& session) { return session.consumers.create({.name = "bob"}); });
  EXPECT_FALSE(failed.get());
  EXPECT_THAT((*state)->complaints(),
              ::testing::ElementsAre(HasSubstr("the store of callers is down since 20")));
  std::string page;
  telemetry::PrometheusWriter writer(page);
  (*state)->write_metrics(writer);
  EXPECT_THAT(page, HasSubstr("\nsallyport_store_up 0\n"));
  EXPECT_THAT(page, HasSubstr("\nsallyport_store_consumers 1\n"));
  EXPECT_THAT(page, HasSubstr("\nsallyport_audit_up 1\n"));
  EXPECT_NE((*state)->callers().view()->consumer_named("ada"), nullptr);
}

}  // namespace
}  // namespace sallyport::gateway
