// The file that the audit trail is appended to: whose turn it is, where the chain ends, what a
// crash left half written, and the change to the next file.
//
// Several processes may share a trail (the old and the new one, while the binary is upgraded): each
// takes its turn under a lock and goes on where the last one ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit/audit_line.h"
#include "store/error.h"

namespace sallyport::store {

// The files of the trail at `path`, oldest first: those that were closed, "PATH.<last seq>", then
// PATH itself. Those that are there.
[[nodiscard]] std::vector<std::string> audit_files(const std::string& path);

// Where the newest head is kept beside the trail. Without it nobody could tell a trail from one
// that was cut at the end.
[[nodiscard]] std::string audit_anchor(const std::string& path);

// For one thread.
class AuditFile {
 public:
  explicit AuditFile(std::string path) : path_(std::move(path)) {}
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;
  ~AuditFile();

  // Waits for the lock, and finds the end of the chain. A line that was not written to its end is
  // cut off; a last line that is not one of a trail is an error. Every begin that succeeds is
  // followed by an end.
  [[nodiscard]] Outcome<void> begin();
  void end();

  // In a turn:
  [[nodiscard]] const ChainEnd& chain() const { return chain_; }
  // Whether the last line is a signed head.
  [[nodiscard]] bool ends_with_head() const { return ends_with_head_; }
  // What was found wrong with the end, as an event to be recorded with the next lines.
  [[nodiscard]] const std::optional<AuditEvent>& incident() const { return incident_; }
  // Appends whole lines and waits until they are on the disk; on an error none of them is there.
  [[nodiscard]] Outcome<void> append(std::string_view lines, const ChainEnd& end,
                                     bool ends_with_head);
  [[nodiscard]] Outcome<void> write_anchor(std::string_view head_line) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The next line goes into a new file.
  [[nodiscard]] Outcome<void> rotate();

 private:
  [[nodiscard]] Outcome<void> lock();
  [[nodiscard]] bool is_where_we_left_it() const;
  [[nodiscard]] Outcome<void> open_and_find_end();
  [[nodiscard]] Outcome<void> find_end(int fd, const std::string& name, bool may_cut);
  [[nodiscard]] Outcome<void> sync_folder() const;
  [[nodiscard]] std::unexpected<Error> failed(std::string_view what) const;

  const std::string path_;
  int lock_ = -1;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  ChainEnd chain_;
  bool ends_with_head_ = false;
  std::optional<AuditEvent> incident_;
};

}  // namespace sallyport::store
