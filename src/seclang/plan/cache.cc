#include "seclang/plan/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "async/digest.h"

namespace sallyport::seclang {

Cache Cache::of_process() {
  const char* given = std::getenv("CACHE_DIRECTORY");  // systemd's, by CacheDirectory=
  std::string folder = given != nullptr ? given : "/var/cache/sallyport";
  return Cache(folder.substr(0, folder.find(':')));
}

std::string Cache::key_of(std::string_view what) { return async::sha256(what); }

// A file is the hash of what follows, and that.
std::optional<std::string> Cache::get(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  // What lies there is trusted to be a database: only if nobody else could have put it there.
  struct stat status{};
  if (::stat(folder_.c_str(), &status) != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
      (status.st_uid != ::geteuid() && status.st_uid != 0)) {
    return std::nullopt;
  }
  std::ifstream file(folder_ + "/" + key, std::ios::binary | std::ios::ate);
  if (!file) return std::nullopt;
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t head = key.size();
  if (size < head) return std::nullopt;
  std::string hash(head, '\0');
  std::string bytes(size - head, '\0');
  file.seekg(0);
  file.read(hash.data(), static_cast<std::streamsize>(head));
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file || key_of(bytes) != hash) return std::nullopt;
  return bytes;
}

void Cache::put(const std::string& key, std::string_view bytes) const {
  if (folder_.empty()) return;
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

}  // namespace sallyport::seclang
