// See folder_lock.h.
#include "gateway/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace sallyport::gateway {
namespace {

// The descriptor; -1: `error` says why there is none.
int lock(const std::string& folder, int kind, std::string_view in_use, std::string& error) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && ::flock(fd, kind | LOCK_NB) == 0) return fd;
  error = "state: the folder " + folder;
  if (errno == EWOULDBLOCK) {
    error += " is in use";
    error += in_use;
  } else {
    error += " cannot be locked: " + std::generic_category().message(errno);
  }
  if (fd >= 0) ::close(fd);
  return -1;
}

}  // namespace

std::expected<FolderLock, std::string> FolderLock::shared(const std::string& folder) {
  std::string error;
  const int fd = lock(folder, LOCK_SH,
                      " by a command that must be alone with it: wait until that has ended", error);
  if (fd < 0) return std::unexpected(std::move(error));
  return FolderLock(fd);
}

std::expected<FolderLock, std::string> FolderLock::alone(const std::string& folder) {
  std::string error;
  const int fd = lock(folder, LOCK_EX, ": stop the gateway, and whatever else has it open", error);
  if (fd < 0) return std::unexpected(std::move(error));
  return FolderLock(fd);
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace sallyport::gateway
