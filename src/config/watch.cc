// See watch.h.
#include "config/watch.h"

#include <sys/stat.h>

namespace sallyport::config {

Watcher::Status Watcher::status_of(const std::string& file) {
  struct stat status{};
  // stat, not lstat: what a link leads to counts.
  if (stat(file.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .seconds = status.st_mtim.tv_sec,
          .nanoseconds = status.st_mtim.tv_nsec};
}

void Watcher::watch(const std::vector<std::string>& files) {
  Statuses known;
  for (const std::string& file : files) {
    auto before = known_.find(file);
    known.emplace(file, before != known_.end() ? before->second : status_of(file));
  }
  known_ = std::move(known);
  latest_ = known_;
}

bool Watcher::changed() {
  Statuses now;
  for (const auto& [file, status] : known_) now.emplace(file, status_of(file));
  bool settled = now == latest_;
  latest_ = std::move(now);
  if (!settled || latest_ == known_) return false;
  known_ = latest_;
  return true;
}

}  // namespace sallyport::config
