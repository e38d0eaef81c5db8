// See state_folder.h.
#include "gateway/state_folder.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/report.h"

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno); }

std::unexpected<std::string> fault(const std::string& folder, const std::string& what) {
  return std::unexpected("state: the folder " + folder + " " + what);
}

std::expected<void, std::string> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fault(folder, "cannot be made: " + reason());
  }
  return {};
}

std::expected<void, std::string> give_to(const std::string& folder, const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): start-up
  if (entry == nullptr) return {};                 // said where the process becomes that user
  if (::chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    return fault(folder, "cannot be given to " + user + ": " + reason());
  }
  return {};
}

std::string own_key_file(const config::StateSettings& settings) {
  return settings.path + "/master.key";
}

bool sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return synced;
}

// A file that is written aside, and gone again when this ends.
class NewFile {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)) {
    ::unlink(path_.c_str());  // of a process that was killed meanwhile
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  [[nodiscard]] bool write(std::string_view text) const {
    return fd_ >= 0 &&
           ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           ::fsync(fd_) == 0;
  }
  // Gives it a name for good, which is then on the disk; a file of that name stays as it is.
  [[nodiscard]] bool publish(const std::string& folder, const std::string& name) const {
    if (::link(path_.c_str(), name.c_str()) != 0) return false;
    return sync_folder(folder);
  }

 private:
  const std::string path_;
  int fd_ = -1;
};

// Whether it was made here, just now.
std::expected<bool, std::string> make_key(const std::string& folder, const std::string& path) {
  const store::MasterKey key = store::MasterKey::random();
  const store::SecretText text = key.text();
  const NewFile file(path + "." + std::to_string(::getpid()));
  const bool written = file.write(text.view());
  if (written && file.publish(folder, path)) return true;
  if (written && errno == EEXIST) return false;  // another start has just made one
  return std::unexpected("state: the master key " + path + " cannot be made: " + reason());
}

std::expected<store::MasterKey, std::string> own_key(const config::StateSettings& settings,
                                                     bool create) {
  const std::string path = own_key_file(settings);
  std::error_code error;
  if (fs::exists(path, error) || error) return store::MasterKey::from_file(path);
  if (fs::exists(database_file(settings), error) || error) {
    return std::unexpected("there is a database, but its key " + path +
                           " is gone: restore the file, or name the key in state.master_key");
  }
  if (!create) return std::unexpected("there is no master key " + path + " yet");
  auto made = make_key(settings.path, path);
  if (!made) return std::unexpected(std::move(made.error()));
  if (*made) {
    report(Severity::warning,
           "made the master key " + path +
               ": back it up, for without it nothing that is kept secret can be read again. A "
               "key kept elsewhere is safer (state.master_key)");
  }
  return store::MasterKey::from_file(path);
}

}  // namespace

std::string database_file(const config::StateSettings& settings) {
  return settings.path + "/sallyport.db";
}

std::string trail_file(const config::StateSettings& settings) {
  return settings.path + "/audit/trail.jsonl";
}

std::expected<void, std::string> make_state_folder(const config::StateSettings& settings,
                                                   const std::string& user) {
  for (const std::string& folder : {settings.path, settings.path + "/audit"}) {
    std::error_code error;
    if (fs::exists(folder, error)) continue;
    auto made = make_folder(folder);
    if (made && !user.empty() && ::geteuid() == 0) made = give_to(folder, user);
    if (!made) return made;
  }
  return {};
}

std::expected<void, std::string> check_state_folder(const config::StateSettings& settings) {
  for (const std::string& folder : {settings.path, settings.path + "/audit"}) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) {
      return fault(folder, "cannot be used: " + reason());
    }
    if (!S_ISDIR(status.st_mode)) return fault(folder, "is no folder");
    if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
      return fault(folder,
                   "is open to other users of this machine: run `chmod 0700 " + folder + "`");
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
      return fault(folder,
                   "belongs to another user: run `chown -R` for the account the gateway "
                   "runs as");
    }
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
      return fault(folder, "may not be written by the account the gateway runs as");
    }
  }
  return {};
}

std::expected<store::MasterKey, std::string> load_master_key(const config::StateSettings& settings,
                                                             bool create) {
  auto key = !settings.key_variable.empty()
                 ? store::MasterKey::from_environment(settings.key_variable)
             : !settings.key_file.empty() ? store::MasterKey::from_file(settings.key_file)
                                          : own_key(settings, create);
  if (!key) return std::unexpected("state.master_key: " + key.error());
  return key;
}

std::string next_key_file(const config::StateSettings& settings) {
  return own_key_file(settings) + ".next";
}

std::expected<std::optional<store::MasterKey>, std::string> interrupted_rekey(
    const config::StateSettings& settings) {
  std::error_code error;
  const bool own = settings.key_file.empty() && settings.key_variable.empty();
  if (!own) return std::nullopt;
  if (!fs::exists(next_key_file(settings), error) && !error) return std::nullopt;
  auto key = store::MasterKey::from_file(next_key_file(settings));
  if (!key) return std::unexpected("state: " + key.error());
  return std::move(*key);
}

std::expected<store::MasterKey, std::string> make_next_key(const config::StateSettings& settings) {
  auto made = make_key(settings.path, next_key_file(settings));
  if (!made) return std::unexpected(std::move(made.error()));
  return store::MasterKey::from_file(next_key_file(settings));
}

std::expected<void, std::string> take_next_key(const config::StateSettings& settings) {
  if (::rename(next_key_file(settings).c_str(), own_key_file(settings).c_str()) != 0 ||
      !sync_folder(settings.path)) {
    return std::unexpected("state: " + next_key_file(settings) + " cannot take the place of " +
                           own_key_file(settings) + ": " + reason() +
                           ": everything is sealed under it already, so run this again");
  }
  return {};
}

}  // namespace sallyport::gateway
