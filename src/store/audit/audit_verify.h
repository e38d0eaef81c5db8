// Proves, without the gateway, that a trail is whole: nothing edited, removed, moved or cut.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit/audit_signer.h"

namespace sallyport::store {

enum class AuditFault : std::uint8_t {
  unreadable,     // a file cannot be read
  malformed,      // a line that no trail writes
  torn,           // the last line has no end: a crash, or a cut
  edited,         // a line whose hash is not that of its text
  replaced,       // a line that the next one does not continue: rewritten, hash and all
  removed,        // lines that are missing
  reordered,      // a line in the wrong place
  repeated,       // a line that was there before
  bad_signature,  // a head that its key did not sign
  unknown_key,    // a head signed by a key that was not given
  shortened,      // lines are missing at the end: the newest head known is not there
};

[[nodiscard]] std::string_view name_of(AuditFault fault);

struct AuditFinding {
  AuditFault fault;
  std::string file;
  std::uint64_t line = 0;  // in the file, from 1; 0: none in particular
  std::uint64_t seq = 0;   // of the trail
  std::string text;        // a sentence
};

struct AuditReport {
  std::uint64_t events = 0;
  std::uint64_t heads = 0;  // whose signatures are good
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::string last_hash;
  // Lines behind the last good head: tied to it by their hashes, but cut off without a trace until
  // the next head is signed.
  std::uint64_t not_yet_signed = 0;
  std::vector<AuditFinding> findings;  // the first kMostFindings
  std::uint64_t more_findings = 0;
  static constexpr std::size_t kMostFindings = 1000;

  [[nodiscard]] bool whole() const { return findings.empty(); }
};

struct AuditExpectation {
  // The number of the first line; greater than 1 once old files were put away.
  std::uint64_t first_seq = 1;
  // A head line that must be in the trail, from beside it or, better, from where nobody who can
  // write the trail can write; empty: none.
  std::string head_line;
};

// Of `files`, oldest first (audit_files()). Reads line by line.
[[nodiscard]] AuditReport verify_audit(std::span<const std::string> files,
                                       const AuditVerifier& verifier,
                                       const AuditExpectation& expectation = {});

// Of the whole trail at `path`, with the head that is kept beside it.
[[nodiscard]] AuditReport verify_audit_trail(const std::string& path,
                                             const AuditVerifier& verifier);

}  // namespace sallyport::store
