// What a start would stumble over, found by looking.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "config/load.h"

namespace sallyport::config {
namespace {

namespace fs = std::filesystem;

class Rehearsal : public ::testing::Test {
 protected:
  Rehearsal() {
    std::string name = (fs::temp_directory_path() / "sallyport-rehearse-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ / "a_file") << "kept\n";
    fs::create_directory(folder_ / "a_folder");
    mkfifo((folder_ / "a_pipe").c_str(), 0600);
    make_socket(folder_ / "a_socket");
  }
  ~Rehearsal() override { fs::remove_all(folder_); }

  static void make_socket(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    close(fd);
  }

  // What is said about `line`, the second of the file; paths without the folder.
  std::string findings(const std::string& line, bool rehearse = true) {
    LoadOptions options;
    options.offline = true;
    options.rehearse = rehearse;
    std::string text = "listen: \"127.0.0.1:8080\"\n" + line +
                       "\napis: {a: {upstream: \"http://127.0.0.1:9000\", public: true}}\n";
    LoadResult result = load_text(text, (folder_ / "api.yaml").string(), options);
    std::string found = result.diagnostics.to_text();
    std::string folder = folder_.string() + "/";
    for (std::size_t at = found.find(folder); at != found.npos; at = found.find(folder, at)) {
      found.erase(at, folder.size());
    }
    return found;
  }

  std::set<std::string> names() {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      names.insert(entry.path().string());
    }
    return names;
  }

  fs::path folder_;
};

TEST_F(Rehearsal, FindsLogFilesThatCannotBeOpened) {
  struct Case {
    std::string access;
    std::string said;  // empty: nothing is
  };
  const Case cases[] = {
      {.access = "-", .said = ""},
      {.access = "off", .said = ""},
      {.access = "a_file", .said = ""},
      {.access = "new.log", .said = ""},
      {.access = "a_folder/new.log", .said = ""},
      {.access = "/dev/null", .said = ""},
      {.access = "nowhere/at/all.log",
       .said = "error: log.access: the folder of the log file does not exist: nowhere/at. Make it, "
               "writable for the account the gateway runs as: mkdir -p nowhere/at."},
      {.access = "a_file/new.log",
       .said = "error: log.access: a_file is no folder, so no log file can be made in it"},
      {.access = "a_folder",
       .said = "error: log.access: the log file is a folder. Name a file in it."},
      {.access = "a_socket",
       .said = "error: log.access: the log file is a socket, which nothing can be appended to. "
               "Name a file, or \"-\" for standard output."},
      {.access = "a_pipe",
       .said = "warning: log.access: the log file is a named pipe: the gateway does not start "
               "unless somebody reads it. Start its reader first, or name a file."},
  };
  std::set<std::string> before = names();
  for (const Case& c : cases) {
    std::string expected = c.said.empty() ? "" : "api.yaml:2:15: " + c.said + "\n";
    EXPECT_EQ(findings("log: {access: " + c.access + "}"), expected) << c.access;
    EXPECT_EQ(findings("log: {access: " + c.access + "}", false), "") << c.access;
  }
  EXPECT_EQ(names(), before) << "looking must make nothing";
}

TEST_F(Rehearsal, FindsAccountsThatDoNotExist) {
  EXPECT_EQ(findings("user: root"), "");
  EXPECT_EQ(findings("user: no-such-account"),
            "api.yaml:2:7: error: user: this machine has no such account, so the gateway cannot "
            "become it. Create it with useradd --system, or name another one.\n");
  EXPECT_EQ(findings("user: no-such-account", false), "");
}

TEST_F(Rehearsal, FindsStateThatCannotBeUsedAndMakesNone) {
  struct Case {
    std::string state;
    std::string said;  // empty: nothing is
  };
  chmod((folder_ / "a_folder").c_str(), 0700);
  fs::create_directory(folder_ / "open_folder");
  chmod((folder_ / "open_folder").c_str(), 0755);
  std::ofstream(folder_ / "good.key") << std::string(64, 'a');
  chmod((folder_ / "good.key").c_str(), 0600);
  chmod((folder_ / "a_file").c_str(), 0600);
  const Case cases[] = {
      {.state = "new", .said = ""},
      {.state = "a_folder", .said = ""},
      {.state = "{path: new, master_key: {file: good.key}}", .said = ""},
      {.state = "a_file", .said = "state: this is no folder"},
      {.state = "open_folder",
       .said = "state: the folder is open to other users of this machine. Run chmod 0700 "
               "open_folder."},
      {.state = "nowhere/at/all",
       .said = "state: the folder above it does not exist, so it cannot be made. Make it: "
               "mkdir -p nowhere/at/all."},
      {.state = "{path: new, master_key: {file: a_file}}",
       .said = "state.master_key: the file a_file holds no master key"},
      {.state = "{path: new, master_key: {file: a_pipe}}",
       .said = "state.master_key: the master key file a_pipe is not a regular file"},
      {.state = "{path: new, master_key: {env: SALLYPORT_NO_SUCH_KEY}}",
       .said = "warning: state.master_key: the environment variable SALLYPORT_NO_SUCH_KEY is not "
               "set here"},
  };
  std::set<std::string> before = names();
  for (const Case& c : cases) {
    const std::string found = findings("state: " + c.state);
    if (c.said.empty()) {
      EXPECT_EQ(found, "") << c.state;
    } else {
      EXPECT_NE(found.find(c.said), std::string::npos) << c.state << ": " << found;
    }
    EXPECT_EQ(findings("state: " + c.state, false), "") << c.state;
  }
  EXPECT_EQ(names(), before) << "looking must make nothing";
}

}  // namespace
}  // namespace sallyport::config
