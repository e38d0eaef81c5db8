// Tells when files a configuration was made from have changed, by asking for their status.
//
// Polling and not inotify: it follows the chains of symbolic links that container platforms swap,
// and works on every file system. No thread of its own: call changed() about every second.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sallyport::config {

class Watcher {
 public:
  explicit Watcher(const std::vector<std::string>& files) { watch(files); }

  // Watches these instead. Files already watched are compared with what they were, so a change
  // between loading and this call is not lost if the watcher is made before the first load.
  void watch(const std::vector<std::string>& files);

  // True once per change, and only after two calls in a row have seen the same: a file that is
  // still being written is not reported.
  [[nodiscard]] bool changed();

 private:
  // What tells one content from the next without reading it; all zero: there is no such file.
  struct Status {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    friend bool operator==(const Status&, const Status&) = default;
  };
  using Statuses = std::map<std::string, Status>;
  [[nodiscard]] static Status status_of(const std::string& file);

  Statuses known_;   // as last reported
  Statuses latest_;  // as last seen
};

}  // namespace sallyport::config
