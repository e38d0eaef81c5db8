#include "policies/waf/audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/report.h"
#include "base/shared_by_name.h"
#include "policy/audit_lines.h"

namespace sallyport::policies::waf_detail {

std::shared_ptr<AuditFile> AuditFile::of(const std::string& path) {
  static SharedByName<AuditFile> files;
  return files.get(path, [&] { return std::make_shared<AuditFile>(path); });
}

AuditFile::AuditFile(std::string path) : path_(std::move(path)), thread_([this] { run(); }) {}

AuditFile::~AuditFile() {
  {
    std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (fd_ >= 0) ::close(fd_);
}

void AuditFile::write(std::string_view line) {
  {
    std::scoped_lock lock(mutex_);
    if (waiting_.size() + line.size() > kBacklog) {
      ++dropped_;
      lose(1);
      return;
    }
    waiting_ += line;
  }
  wake_.notify_one();
}

std::uint64_t AuditFile::lost() const {
  std::scoped_lock lock(mutex_);
  return lost_;
}

// With the lock held.
void AuditFile::lose(std::uint64_t lines) {
  lost_ += lines;
  AuditLines::of_process().count_lost(lines);
}

void AuditFile::run() {
  std::unique_lock lock(mutex_);
  std::uint64_t told = 0;
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::string lines = std::exchange(waiting_, {});
    std::uint64_t dropped = dropped_;
    lock.unlock();
    if (dropped != told) {
      report(Severity::warning, "audit log " + path_ + ": " + std::to_string(dropped - told) +
                                    " lines were dropped, the file is too slow");
      told = dropped;
    }
    const std::uint64_t unwritten = write_out(lines);
    lock.lock();
    if (unwritten != 0) lose(unwritten);
  }
}

bool AuditFile::moved_away() const {
  struct stat mine{};
  struct stat named{};
  if (::fstat(fd_, &mine) != 0 || ::stat(path_.c_str(), &named) != 0) return true;
  return mine.st_dev != named.st_dev || mine.st_ino != named.st_ino;
}

// Takes away what could be written. True: all of it.
bool AuditFile::write_all(std::string_view& bytes) const {
  while (fd_ >= 0 && !bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return bytes.empty();
}

// How many lines it could not write, one of which may stand there in part.
std::uint64_t AuditFile::write_out(std::string_view lines) {
  if (fd_ >= 0 && moved_away()) {
    ::close(fd_);
    fd_ = -1;
    torn_ = false;
  }
  if (fd_ < 0) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    fd_ = ::open(path_.c_str(), kFlags, 0640);
  }
  // What a full disk cut off stays a line of its own.
  std::string_view end = torn_ ? "\n" : "";
  const std::string_view all = lines;
  if (write_all(end)) {
    torn_ = false;
    (void)write_all(lines);
    const std::size_t written = all.size() - lines.size();
    if (written > 0) torn_ = all[written - 1] != '\n';
  }
  if (lines.empty()) {
    failing_ = false;
  } else {
    complain(std::strerror(errno));
  }
  return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

// Once, until it works again.
void AuditFile::complain(const std::string& what) {
  if (!failing_) report(Severity::error, "audit log " + path_ + " cannot be written: " + what);
  failing_ = true;
}

}  // namespace sallyport::policies::waf_detail
