// Databases for tests: a SQLite file, or a schema of a PostgreSQL server that the test program
// starts at the first use, as a user without rights, and stops when it ends.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/connection.h"
#include "store/database/postgres_database.h"
#include "store/database/sqlite_database.h"
#include "store/test_store.h"

namespace sallyport::store {

class PostgresServer {
 public:
  // Null: PostgreSQL is not installed.
  static PostgresServer* get() {
    static const std::unique_ptr<PostgresServer> server = start();
    return server.get();
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() {
    // A child of this program has the same object, and is not the one to stop the server.
    if (::getpid() != owner_) return;
    if (server_ > 0) {
      ::kill(server_, SIGQUIT);
      ::waitpid(server_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] PostgresOptions options(std::string schema) const {
    return {.hosts = {folder_},
            .database = "postgres",
            .user = "sallyport",
            .schema = std::move(schema),
            .sslmode = "disable"};
  }
  // Of no other test.
  [[nodiscard]] PostgresOptions fresh() {
    return options("test_" + std::to_string(::getpid()) + "_" + std::to_string(++schemas_));
  }

 private:
  PostgresServer(std::filesystem::path programs, std::string folder)
      : programs_(std::move(programs)), folder_(std::move(folder)) {}

  static std::unique_ptr<PostgresServer> start() {
    const std::filesystem::path programs = newest("/usr/lib/postgresql");
    if (programs.empty()) return nullptr;
    std::string folder = "/tmp/sallyport_postgres_XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    std::unique_ptr<PostgresServer> server(new PostgresServer(programs, folder));  // private
    server->run();
    return server;
  }

  static std::filesystem::path newest(const std::filesystem::path& above) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(above, error)) {
      if (std::filesystem::exists(entry.path() / "bin" / "initdb")) found.push_back(entry.path());
    }
    if (found.empty()) return {};
    return std::ranges::max(found) / "bin";
  }

  void run() {
    const std::string data = folder_ + "/data";
    // A collation that does not order by bytes, so that a statement which relies on it is found.
    const pid_t made =
        spawn({programs_ / "initdb", "-D", data, "-U", "sallyport", "-A", "trust", "-E", "UTF8",
               "--no-sync", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"});
    int status = 0;
    ::waitpid(made, &status, 0);
    if (status != 0) {
      std::stringstream log;
      log << std::ifstream(folder_ + "/log").rdbuf();
      throw std::runtime_error("initdb failed: " + log.str());
    }
    {
      std::ofstream access(data + "/pg_hba.conf");
      access << "local all guarded scram-sha-256\nlocal all all trust\n";
    }
    server_ = spawn({programs_ / "postgres", "-D", data, "-k", folder_, "-c",
                     "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50"});
    while (PQping(("host=" + folder_).c_str()) != PQPING_OK) {
      if (::waitpid(server_, &status, WNOHANG) != 0) {
        throw std::runtime_error("the server ended: see " + folder_ + "/log");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  // The server refuses to be root, and ends with this program.
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& command) const {
    const passwd* user = ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
    if (user != nullptr && ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("the folder cannot be given away");
    }
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
      ::_exit(1);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (std::freopen((folder_ + "/log").c_str(), "a", stdout) == nullptr ||
        ::dup2(STDOUT_FILENO, STDERR_FILENO) < 0 || ::chdir(folder_.c_str()) != 0) {
      ::_exit(1);
    }
    std::vector<char*> arguments;
    for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(1);
  }

  const std::filesystem::path programs_;
  const std::string folder_;
  const pid_t owner_ = ::getpid();
  pid_t server_ = 0;
  int schemas_ = 0;
};

// Ends a test, or fails it where everything has to be there, when there is no server.
#define SALLYPORT_NEEDS_POSTGRES()                                                         \
  if (PostgresServer::get() == nullptr) {                                                  \
    if (std::getenv("CI") != nullptr || std::getenv("SALLYPORT_REQUIRE_ALL") != nullptr) { \
      FAIL() << "PostgreSQL is not installed: run tools/bootstrap test";                   \
    }                                                                                      \
    GTEST_SKIP() << "PostgreSQL is not installed";                                         \
  }                                                                                        \
  static_assert(true)

enum class Kind : std::uint8_t { sqlite, postgres };

// A test that runs on both: TEST_P with this as its base.
class EachDatabase : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::sqlite) return;
    SALLYPORT_NEEDS_POSTGRES();
    postgres = PostgresServer::get()->fresh();
  }
  [[nodiscard]] DatabaseSource source() const {
    if (GetParam() == Kind::sqlite) {
      return [path = folder.file("db")](bool create) {
        return open_sqlite({.path = path, .create = create});
      };
    }
    return [options = postgres](bool create) mutable {
      options.create = create;
      return open_postgres(options);
    };
  }
  [[nodiscard]] std::unique_ptr<Database> open_database() const { return must(source()(true)); }

  TemporaryFolder folder;
  PostgresOptions postgres;
};

inline std::string name_of_kind(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::sqlite ? "Sqlite" : "Postgres";
}

#define SALLYPORT_ON_EACH_DATABASE(Suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Each, Suite, ::testing::Values(Kind::sqlite, Kind::postgres), \
                           name_of_kind)

inline std::int64_t number(Database& database, std::string_view sql) {
  std::int64_t value = -1;
  must(database.query(sql, {}, [&value](const Row& row) { value = row.integer(0); }));
  return value;
}

}  // namespace sallyport::store
