// See audit_file.h.
#include "store/audit/audit_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "async/digest.h"
#include "store/audit/audit_trail.h"

namespace sallyport::store {
namespace {

namespace fs = std::filesystem;

// The last line, and one that was torn behind it.
constexpr std::uint64_t kTail = 2 * AuditTrail::kLongestLine + 2;
constexpr std::size_t kSeqDigits = 20;

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

struct Closer {
  int fd;
  ~Closer() { close_fd(fd); }
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_at(int fd, std::uint64_t offset, std::string& out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t size =
        ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    done += static_cast<std::size_t>(size);
  }
  return true;
}

// "PATH.00000000000000000042"
bool is_closed_file(std::string_view name, std::string_view base) {
  if (name.size() != base.size() + 1 + kSeqDigits || !name.starts_with(base)) return false;
  name.remove_prefix(base.size());
  return name.front() == '.' && name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

fs::path folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

}  // namespace

std::vector<std::string> audit_files(const std::string& path) {
  std::vector<std::string> files;
  const std::string base = fs::path(path).filename().string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_of(path), error)) {
    const std::string name = entry.path().filename().string();
    if (is_closed_file(name, base)) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  if (fs::exists(path, error)) files.push_back(path);
  return files;
}

std::string audit_anchor(const std::string& path) { return path + ".head"; }

AuditFile::~AuditFile() {
  close_fd(fd_);
  close_fd(lock_);
}

std::unexpected<Error> AuditFile::failed(std::string_view what) const {
  return fail(ErrorKind::unavailable, "cannot " + std::string(what) + " the audit trail " + path_ +
                                          ": " + std::generic_category().message(errno));
}

Outcome<void> AuditFile::begin() {
  auto locked = lock();
  if (!locked) return locked;
  if (is_where_we_left_it()) return {};
  auto opened = open_and_find_end();
  if (!opened) end();
  return opened;
}

void AuditFile::end() { ::flock(lock_, LOCK_UN); }

Outcome<void> AuditFile::lock() {
  if (lock_ < 0) {
    // Beside the trail, whose own file changes.
    lock_ = ::open((path_ + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) return failed("lock");
  }
  while (::flock(lock_, LOCK_EX) != 0) {
    if (errno != EINTR) return failed("lock");
  }
  return {};
}

bool AuditFile::is_where_we_left_it() const {
  struct stat named{};
  struct stat open{};
  return fd_ >= 0 && ::stat(path_.c_str(), &named) == 0 && ::fstat(fd_, &open) == 0 &&
         named.st_dev == open.st_dev && named.st_ino == open.st_ino &&
         static_cast<std::uint64_t>(named.st_size) == size_;
}

Outcome<void> AuditFile::open_and_find_end() {
  const ChainEnd before = std::exchange(chain_, {});
  ends_with_head_ = true;  // there is nothing that a head would be missing for
  close_fd(fd_);
  // An end that was known already stays known whatever happens to the file.
  const auto give_up = [&](std::unexpected<Error> error) {
    close_fd(fd_);
    chain_ = before;
    return error;
  };
  const std::vector<std::string> files = audit_files(path_);
  // The newest closed file, in case the current one is new and empty.
  const bool has_current = !files.empty() && files.back() == path_;
  const std::size_t closed = files.size() - (has_current ? 1 : 0);
  if (closed > 0) {
    const std::string& name = files[closed - 1];
    const Closer last{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (last.fd < 0) return give_up(failed("read the last closed file of"));
    auto found = find_end(last.fd, name, false);
    if (!found) return give_up(fail(found));
  }
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) return give_up(failed("open"));
  auto synced = sync_folder();
  if (!synced) return give_up(fail(synced));
  auto found = find_end(fd_, path_, true);
  if (!found) return give_up(fail(found));
  if (chain_.seq < before.seq) {
    incident_ = AuditEvent{.actor = "sallyport",
                           .action = "audit.lines_missing",
                           .object = path_,
                           .detail = "the trail ended at line " + std::to_string(before.seq) +
                                     " and was found to end at line " + std::to_string(chain_.seq)};
    chain_ = before;
  }
  return {};
}

Outcome<void> AuditFile::find_end(int fd, const std::string& name, bool may_cut) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return failed("read");
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ == 0) return {};
  std::string tail(std::min(size_, kTail), '\0');
  if (!read_at(fd, size_ - tail.size(), tail)) return failed("read");
  const std::size_t lines_end = tail.rfind('\n') + 1;  // 0: there is no whole line
  if (lines_end != tail.size() && may_cut) {
    const std::string_view torn = std::string_view(tail).substr(lines_end);
    incident_ = AuditEvent{
        .actor = "sallyport",
        .action = "audit.torn_line_cut",
        .object = name,
        .detail = std::to_string(torn.size()) + " bytes of SHA-256 " + async::sha256(torn)};
    size_ -= torn.size();
    if (::ftruncate(fd, static_cast<off_t>(size_)) != 0 || ::fsync(fd) != 0) return failed("cut");
    tail.resize(lines_end);
    if (size_ == 0) return {};
  }
  if (!tail.empty() && tail.back() == '\n') tail.pop_back();
  const std::size_t line_begin = tail.rfind('\n') + 1;
  const auto line = parse_audit_line(std::string_view(tail).substr(line_begin));
  if (!line || !line->hash_holds()) {
    return fail(ErrorKind::corrupt,
                "the audit trail " + name +
                    " does not end with a line of a trail: keep a copy of it as evidence, find "
                    "what changed with `audit-log verify`, and move it away to begin a new one");
  }
  chain_ = {.seq = line->seq, .hash = std::string(line->hash)};
  ends_with_head_ = line->is_head();
  return {};
}

Outcome<void> AuditFile::append(std::string_view lines, const ChainEnd& end, bool ends_with_head) {
  if (write_all(fd_, lines) && ::fdatasync(fd_) == 0) {
    size_ += lines.size();
    chain_ = end;
    ends_with_head_ = ends_with_head;
    incident_.reset();
    return {};
  }
  auto error = failed("write");
  // Whether that succeeds or not, the next turn looks at the file anew.
  (void)::ftruncate(fd_, static_cast<off_t>(size_));
  close_fd(fd_);
  return error;
}

Outcome<void> AuditFile::write_anchor(std::string_view head_line) const {
  const std::string path = audit_anchor(path_);
  const std::string fresh = path + ".new";
  const Closer file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (file.fd < 0 || !write_all(file.fd, head_line) || ::fdatasync(file.fd) != 0 ||
      ::rename(fresh.c_str(), path.c_str()) != 0) {
    return failed("write the head beside");
  }
  return {};
}

Outcome<void> AuditFile::rotate() {
  std::string seq = std::to_string(chain_.seq);
  seq.insert(0, kSeqDigits - seq.size(), '0');
  if (::rename(path_.c_str(), (path_ + "." + seq).c_str()) != 0) return failed("rename");
  close_fd(fd_);
  return sync_folder();
}

Outcome<void> AuditFile::sync_folder() const {
  const Closer folder{::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) return failed("sync the folder of");
  return {};
}

}  // namespace sallyport::store
