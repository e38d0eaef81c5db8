// A file that lines are appended to by a thread of its own, so that no worker waits for a disk.
//
// What comes faster than it can be written is kept up to a bound. Lines beyond it, and those that
// the file does not take, are lost, which is said on standard error and counted. A file that was
// moved away is made anew before the next line.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sallyport::policies::waf_detail {

class AuditFile {
 public:
  // One for each name: routes and configurations that name the same file share it. Nothing is
  // opened before the first line.
  [[nodiscard]] static std::shared_ptr<AuditFile> of(const std::string& path);

  explicit AuditFile(std::string path);
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;
  // Writes what is there.
  ~AuditFile();

  // Any thread. `line` ends with a line feed.
  void write(std::string_view line);
  // Lines that are in no file.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  static constexpr std::size_t kBacklog = std::size_t{16} << 20;

  void run();
  [[nodiscard]] std::uint64_t write_out(std::string_view lines);
  [[nodiscard]] bool write_all(std::string_view& bytes) const;
  [[nodiscard]] bool moved_away() const;
  void complain(const std::string& what);
  void lose(std::uint64_t lines);

  const std::string path_;
  mutable std::mutex mutex_;  // guards what follows, down to `lost_`
  std::condition_variable wake_;
  std::string waiting_;
  bool stopping_ = false;
  std::uint64_t dropped_ = 0;  // as too many were waiting
  std::uint64_t lost_ = 0;     // and with those that could not be written

  int fd_ = -1;  // the thread's
  bool failing_ = false;
  bool torn_ = false;   // the file ends within a line
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace sallyport::policies::waf_detail
