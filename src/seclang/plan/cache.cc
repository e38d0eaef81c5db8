#include "seclang/plan/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <vector>

#include "async/digest.h"
#include "base/text.h"

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

// Nobody but this process's user and root can have written it.
bool only_ours(const struct stat& status) {
  return (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         (status.st_uid == ::geteuid() || status.st_uid == 0);
}

// A key, and behind a dot the process that writes it or was ended while it did.
bool is_own_name(std::string_view name) {
  constexpr std::size_t kKey = 64;
  const std::string_view key = name.substr(0, kKey);
  return key.size() == kKey &&
         std::ranges::all_of(key, [](char c) { return text::hex_digit(c) >= 0; }) &&
         (name.size() == kKey || name[kKey] == '.');
}

}  // namespace

Cache Cache::of_process() {
  const char* given = std::getenv("CACHE_DIRECTORY");  // systemd's, by CacheDirectory=
  std::string folder = given != nullptr ? given : "/var/cache/sallyport";
  return Cache(folder.substr(0, folder.find(':')));
}

std::string Cache::key_of(std::string_view what) { return async::sha256(what); }

std::string Cache::why_distrusted() const {
  struct stat status{};
  if (folder_.empty() || ::stat(folder_.c_str(), &status) != 0) return {};
  if (only_ours(status)) return {};
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return folder_ + " is not used to keep compiled rules: others may write there; chmod go-w it";
  }
  return folder_ + " is not used to keep compiled rules: it belongs to another user; chown it";
}

// A file is the hash of what follows, and that.
std::optional<std::string> Cache::get(const std::string& key) const {
  if (folder_.empty() || !why_distrusted().empty()) return std::nullopt;
  // Whatever else may have this name: it is not waited for, and not followed.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const int fd = ::open((folder_ + "/" + key).c_str(), kFlags);
  if (fd < 0) return std::nullopt;
  std::string all;
  struct stat status{};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && only_ours(status)) {
    ::futimens(fd, nullptr);  // when it was asked for last, for prune()
    all.resize(static_cast<std::size_t>(status.st_size));
  }
  std::size_t done = 0;
  while (done < all.size()) {
    const ssize_t n = ::read(fd, all.data() + done, all.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  const std::size_t head = key.size();
  if (done < all.size() || all.size() < head) return std::nullopt;
  std::string bytes = all.substr(head);
  if (!all.starts_with(key_of(bytes))) return std::nullopt;
  return bytes;
}

void Cache::put(const std::string& key, std::string_view bytes) const {
  if (folder_.empty() || !why_distrusted().empty()) return;
  ::mkdir(folder_.c_str(), 0700);
  const std::string name = folder_ + "/" + key;
  const std::string beside = name + "." + std::to_string(::getpid());
  const int fd =
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  const std::string all = key_of(bytes) + std::string(bytes);
  std::size_t written = 0;
  while (written < all.size()) {
    const ssize_t n = ::write(fd, all.data() + written, all.size() - written);
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  const bool whole = written == all.size() && ::fsync(fd) == 0;
  ::close(fd);
  if (!whole || std::rename(beside.c_str(), name.c_str()) != 0) ::unlink(beside.c_str());
}

void Cache::prune(std::uintmax_t bytes) const {
  if (folder_.empty() || !why_distrusted().empty()) return;
  struct Kept {
    std::time_t asked = 0;
    std::uintmax_t size = 0;
    fs::path path;
  };
  std::vector<Kept> files;
  std::uintmax_t all = 0;
  std::error_code failed;
  fs::directory_iterator entry(folder_, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (!is_own_name(entry->path().filename().native())) continue;
    struct stat status{};
    if (::lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const auto size = static_cast<std::uintmax_t>(status.st_size);
    all += size;
    files.push_back({.asked = status.st_mtime, .size = size, .path = entry->path()});
  }
  std::ranges::sort(files, {}, &Kept::asked);
  for (const Kept& file : files) {
    if (all <= bytes) return;
    if (fs::remove(file.path, failed)) all -= file.size;
  }
}

}  // namespace sallyport::seclang
