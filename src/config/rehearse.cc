// What a start would only find out after reading the file, seen from the file system as it is. A
// check must leave no trace: nothing is opened, not even a pipe, whose reader would notice.
#include <pwd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "config/building.h"

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

}  // namespace

void rehearse_start(Building& b) {
  check_log(b);
  check_user(b);
}

}  // namespace sallyport::config
