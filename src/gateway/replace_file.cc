// See replace_file.h.
#include "gateway/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/clock.h"

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno); }

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

// What was replaced before is kept, too, under the time it was last written: it may be the only
// copy of what somebody wrote and nobody loaded.
bool make_way(const std::string& former) {
  struct stat status{};
  if (::lstat(former.c_str(), &status) != 0) return errno == ENOENT;
  std::string time(24, '\0');
  write_rfc3339(time.data(),
                std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000);
  return ::rename(former.c_str(), (former + "." + time).c_str()) == 0;
}

bool sync_folder(const fs::path& file) {
  const Descriptor folder{::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return folder.fd >= 0 && ::fsync(folder.fd) == 0;
}

}  // namespace

std::expected<Replacement, std::string> Replacement::prepare(const std::string& file,
                                                             std::string_view text) {
  std::error_code error;
  const std::string real = fs::canonical(file, error).string();
  struct stat status{};
  if (error || ::stat(real.c_str(), &status) != 0) {
    return std::unexpected(file + " is not there: " + (error ? error.message() : reason()));
  }
  // The folder decides who may rename; the file says whether its owner wants it changed.
  if (::access(real.c_str(), W_OK) != 0) {
    return std::unexpected(real + " may not be written by this process: " + reason());
  }
  // A file that is mounted by itself cannot be renamed over, and what it was not be kept beside it.
  struct stat folder{};
  if (::stat(fs::path(real).parent_path().c_str(), &folder) != 0 ||
      folder.st_dev != status.st_dev) {
    return std::unexpected(real +
                           " is mounted by itself: it cannot be replaced, only written; "
                           "mount its folder in its place");
  }
  std::string aside = real + ".rollback." + std::to_string(::getpid());
  ::unlink(aside.c_str());  // of a process of that number, which was killed
  const Descriptor made{::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (made.fd < 0) {
    return std::unexpected("no file can be made in " + fs::path(real).parent_path().string() +
                           ": " + reason());
  }
  Replacement replacement(real, std::move(aside));  // which removes it
  // The group or the owner may be another's to give; then whoever reads the file by it could not.
  if ((status.st_uid != ::geteuid() || status.st_gid != ::getegid()) &&
      ::fchown(made.fd, status.st_uid, status.st_gid) != 0) {
    return std::unexpected("a file cannot be given the owner of " + real + ": " + reason());
  }
  if (::fchmod(made.fd, status.st_mode & 07777) != 0 || !write_all(made.fd, text)) {
    return std::unexpected(replacement.aside_ + " cannot be written: " + reason());
  }
  return replacement;
}

Replacement::Replacement(Replacement&& other) noexcept
    : file_(std::move(other.file_)), aside_(std::exchange(other.aside_, {})) {}

Replacement::~Replacement() {
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

std::expected<void, std::string> Replacement::publish() {
  // The former file under a second name first, so that nothing is lost between two steps.
  const std::string former = this->former();
  if (!make_way(former)) {
    return std::unexpected(former + " is in the way and cannot be renamed: " + reason());
  }
  if (::link(file_.c_str(), former.c_str()) != 0) {
    return std::unexpected(file_ + " cannot be kept as " + former + ": " + reason());
  }
  if (::rename(aside_.c_str(), file_.c_str()) != 0) {
    return std::unexpected(file_ + " cannot be replaced: " + reason());
  }
  aside_.clear();
  if (!sync_folder(file_)) {
    return std::unexpected("the folder of " + file_ + " cannot be synced: " + reason());
  }
  return {};
}

}  // namespace sallyport::gateway
