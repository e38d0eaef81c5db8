// What a start would only find out after reading the file, seen from the file system as it is. A
// check must leave no trace: nothing is opened, not even a pipe, whose reader would notice.
#include <pwd.h>
#include <sys/stat.h>

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "config/building.h"
#include "store/sealing/master_key.h"

namespace sallyport::config {
namespace {

namespace fs = std::filesystem;

void check_folder(Building& b, const schema::Where& where, const fs::path& file) {
  fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  fs::file_type type = fs::status(folder, error).type();
  if (type == fs::file_type::not_found) {
    b.error(
        where, "the folder of the log file does not exist: " + folder.string(),
        "Make it, writable for the account the gateway runs as: mkdir -p " + folder.string() + ".",
        schema::code::kUnreadable);
  } else if (type != fs::file_type::directory && !error) {
    b.error(where, folder.string() + " is no folder, so no log file can be made in it", {},
            schema::code::kUnreadable);
  }
}

void check_log(Building& b) {
  const schema::Marked<OrOff<schema::FilePath>>& access = b.root.log.access;
  const schema::FilePath& named = access.value.value;
  if (access.value.off || named.written == "-" || !b.faults.none_in("log.access")) return;
  fs::path file = named.resolved;
  std::error_code error;
  switch (fs::status(file, error).type()) {
    case fs::file_type::not_found:
      check_folder(b, access.where, file);
      break;
    case fs::file_type::directory:
      b.error(access.where, "the log file is a folder", "Name a file in it.",
              schema::code::kUnreadable);
      break;
    case fs::file_type::socket:
      b.error(access.where, "the log file is a socket, which nothing can be appended to",
              "Name a file, or \"-\" for standard output.", schema::code::kUnreadable);
      break;
    case fs::file_type::fifo:
      // Whether it is read cannot be known without opening it.
      b.warning(access.where,
                "the log file is a named pipe: the gateway does not start unless somebody reads it",
                "Start its reader first, or name a file.", schema::code::kUnreadable);
      break;
    default:
      break;
  }
}

void check_user(Building& b) {
  const schema::Marked<std::string>& user = b.root.user;
  if (user.value.empty() || !b.faults.none_in("user")) return;
  if (getpwnam(user.value.c_str()) != nullptr) return;  // NOLINT(concurrency-mt-unsafe): a command
  b.error(user.where, "this machine has no such account, so the gateway cannot become it",
          "Create it with useradd --system, or name another one.", schema::code::kUnknownName);
}

// A folder that is not there yet will be made.
void check_state_folder(Building& b, const schema::Marked<schema::FilePath>& path) {
  struct stat status{};
  const std::string& folder = path.value.resolved;
  if (::stat(folder.c_str(), &status) != 0) {
    const fs::path above = fs::path(folder).parent_path();
    std::error_code error;
    if (above.empty() || fs::exists(above, error)) return;
    b.error(path.where, "the folder above it does not exist, so it cannot be made",
            "Make it: mkdir -p " + folder + ".", schema::code::kUnreadable);
  } else if (!S_ISDIR(status.st_mode)) {
    b.error(path.where, "this is no folder", {}, schema::code::kUnreadable);
  } else if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    b.error(path.where, "the folder is open to other users of this machine",
            "Run chmod 0700 " + folder + ".", schema::code::kUnreadable);
  }
}

void check_master_key(Building& b, const schema::Marked<model::MasterKey>& key) {
  std::expected<store::MasterKey, std::string> read = std::unexpected(std::string());
  if (key.value.env) {
    const Environment environment =
        b.options.environment ? b.options.environment : process_environment();
    const std::optional<std::string> text = environment(*key.value.env);
    const std::string source = "the environment variable " + *key.value.env;
    if (!text) {
      // Where a check runs is seldom where the gateway does.
      b.warning(key.where, source + " is not set here", "Set it for the gateway.",
                schema::code::kUnresolved);
      return;
    }
    read = store::MasterKey::from_text(*text, source);
  } else {
    read = store::MasterKey::from_file(key.value.file->resolved);
  }
  if (!read) b.error(key.where, std::move(read.error()), {}, schema::code::kUnreadable);
}

void check_state(Building& b) {
  if (!b.root.state || !b.faults.none_in("state")) return;
  check_state_folder(b, b.root.state->value.path);
  if (b.root.state->value.master_key) check_master_key(b, *b.root.state->value.master_key);
}

}  // namespace

void rehearse_start(Building& b) {
  check_state(b);
  check_log(b);
  check_user(b);
}

}  // namespace sallyport::config
