// See audit_verify.h.
#include "store/audit/audit_verify.h"

#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "store/audit/audit_file.h"
#include "store/audit/audit_line.h"

namespace sallyport::store {
namespace {

class Verification {
 public:
  Verification(const AuditVerifier& verifier, const AuditExpectation& expectation)
      : verifier_(verifier), expected_(expectation.first_seq) {
    if (!expectation.head_line.empty()) take_anchor(expectation.head_line);
  }

  void read(const std::string& file, bool last) {
    file_ = file;
    line_ = 0;
    std::ifstream in(file, std::ios::binary);
    std::string text;
    while (std::getline(in, text)) {
      ++line_;
      if (in.eof()) {
        find(AuditFault::torn, expected_,
             last ? "the last line is not whole: a crash, or the file was cut"
                  : "the file ends within a line, and there are files behind it");
        return;
      }
      take(text);
    }
    if (!in.eof()) find(AuditFault::unreadable, 0, "the file cannot be read");
  }

  AuditReport finish() {
    settle_former_keys();
    line_ = 0;
    for (const auto& [first, last] : gaps_) {
      find(AuditFault::removed, first,
           first == last
               ? "line " + std::to_string(first) + " is missing"
               : "lines " + std::to_string(first) + " to " + std::to_string(last) + " are missing");
    }
    if (anchor_seq_ >= expected_) {
      find(AuditFault::shortened, expected_,
           "the trail ends with line " + std::to_string(expected_ - 1) + ", and line " +
               std::to_string(anchor_seq_) + " was signed already");
    }
    report_.not_yet_signed = report_.last_seq - std::min(report_.last_seq, signed_seq_);
    return std::move(report_);
  }

 private:
  void take(std::string_view text) {
    const auto line = parse_audit_line(text);
    if (!line) {
      find(AuditFault::malformed, expected_, "this is no line of an audit trail");
      // It may be any line, and the next one tells which. What that continues is unknown.
      ++expected_;
      previous_.clear();
      return;
    }
    const bool holds = line->hash_holds();
    if (!holds) find(AuditFault::edited, line->seq, "the line was edited: its hash is another");
    if (!in_place(*line, holds)) return;
    if (line->is_head()) {
      take_head(*line, holds);
    } else {
      ++report_.events;
      if (holds && line->action == kAuditKeyChanged && line->object.starts_with(kAuditKeyObject)) {
        former_keys_.emplace_back(line->seq, line->object.substr(kAuditKeyObject.size()));
      }
    }
    if (line->seq == anchor_seq_ && line->hash != anchor_hash_) {
      find(AuditFault::replaced, line->seq, "the line is not the head that was signed once");
    }
  }

  // Whether the line is where it belongs, as far as its number goes; the chain goes on from it.
  bool in_place(const AuditLine& line, bool holds) {
    if (line.seq < expected_) {
      misplaced(line.seq);
      return false;
    }
    if (line.seq > expected_) {
      gaps_[expected_] = line.seq - 1;
    } else if (!previous_.empty() && line.prev != previous_ && holds) {
      find(AuditFault::replaced, line.seq,
           "the line does not continue the one before it: that one was rewritten");
    }
    if (report_.first_seq == 0) report_.first_seq = line.seq;
    report_.last_seq = line.seq;
    report_.last_hash = line.hash;
    previous_ = line.hash;
    expected_ = line.seq + 1;
    return true;
  }

  void misplaced(std::uint64_t seq) {
    auto gap = gaps_.upper_bound(seq);
    if (gap == gaps_.begin() || (--gap)->second < seq) {
      find(AuditFault::repeated, seq, "line " + std::to_string(seq) + " is there more than once");
      return;
    }
    const auto [first, last] = *gap;
    gaps_.erase(gap);
    if (first < seq) gaps_[first] = seq - 1;
    if (seq < last) gaps_[seq + 1] = last;
    find(AuditFault::reordered, seq,
         "line " + std::to_string(seq) + " stands behind lines that it came before");
  }

  void take_head(const AuditLine& line, bool holds) {
    if (!verifier_.knows(line.head)) {
      foreign_.push_back(head_of(line));
    } else if (!verifier_.verify(line.head, line.hash, line.signature)) {
      find(AuditFault::bad_signature, line.seq, "the signature of the head is not good");
    } else if (holds) {
      ++report_.heads;
      signed_seq_ = line.seq;
    }
  }

  void take_anchor(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const auto line = parse_audit_line(text);
    if (line && line->is_head() && line->hash_holds() && !verifier_.knows(line->head)) {
      foreign_.push_back(head_of(*line));
    } else if (!line || !line->is_head() || !line->hash_holds() ||
               !verifier_.verify(line->head, line->hash, line->signature)) {
      find(AuditFault::bad_signature, 0, "the head that is to be in the trail is not good itself");
      return;
    }
    anchor_seq_ = line->seq;
    anchor_hash_ = line->hash;
  }

  // A head of a key that was not given.
  struct ForeignHead {
    std::string key;
    std::string hash;
    std::string signature;
    std::uint64_t seq;
    std::string file;
    std::uint64_t line;
  };
  [[nodiscard]] ForeignHead head_of(const AuditLine& line) const {
    return {.key = std::string(line.head),
            .hash = std::string(line.hash),
            .signature = std::string(line.signature),
            .seq = line.seq,
            .file = file_,
            .line = line_};
  }

  // The trail itself names the keys of former master keys. It is believed where a good head behind
  // the event vouches for it.
  void settle_former_keys() {
    AuditVerifier former;
    for (const auto& [seq, public_key] : former_keys_) {
      if (seq < signed_seq_) (void)former.add(public_key);
    }
    for (const ForeignHead& head : foreign_) {
      file_ = head.file;
      line_ = head.line;
      if (!former.knows(head.key)) {
        find(AuditFault::unknown_key, head.seq,
             "the head is signed with the key " + head.key + ", which was not given");
      } else if (!former.verify(head.key, head.hash, head.signature)) {
        find(AuditFault::bad_signature, head.seq, "the signature of the head is not good");
      } else if (head.line > 0) {
        ++report_.heads;
      }
    }
  }

  void find(AuditFault fault, std::uint64_t seq, std::string text) {
    if (report_.findings.size() == AuditReport::kMostFindings) {
      ++report_.more_findings;
      return;
    }
    report_.findings.push_back(
        {.fault = fault, .file = file_, .line = line_, .seq = seq, .text = std::move(text)});
  }

  const AuditVerifier& verifier_;
  AuditReport report_;
  std::string file_;
  std::uint64_t line_ = 0;
  std::uint64_t expected_;
  std::string previous_;                         // hash of the line before; empty: not known
  std::map<std::uint64_t, std::uint64_t> gaps_;  // first and last line that is missing
  std::uint64_t signed_seq_ = 0;                 // of the last good head of a key that was given
  std::vector<std::pair<std::uint64_t, std::string>> former_keys_;  // where they are named
  std::vector<ForeignHead> foreign_;
  std::uint64_t anchor_seq_ = 0;
  std::string anchor_hash_;
};

}  // namespace

std::string_view name_of(AuditFault fault) {
  switch (fault) {
    case AuditFault::unreadable:
      return "unreadable";
    case AuditFault::malformed:
      return "malformed";
    case AuditFault::torn:
      return "torn";
    case AuditFault::edited:
      return "edited";
    case AuditFault::replaced:
      return "replaced";
    case AuditFault::removed:
      return "removed";
    case AuditFault::reordered:
      return "reordered";
    case AuditFault::repeated:
      return "repeated";
    case AuditFault::bad_signature:
      return "bad_signature";
    case AuditFault::unknown_key:
      return "unknown_key";
    case AuditFault::shortened:
      return "shortened";
  }
  std::unreachable();
}

AuditReport verify_audit(std::span<const std::string> files, const AuditVerifier& verifier,
                         const AuditExpectation& expectation) {
  Verification verification(verifier, expectation);
  for (const std::string& file : files) verification.read(file, &file == &files.back());
  return verification.finish();
}

AuditReport verify_audit_trail(const std::string& path, const AuditVerifier& verifier) {
  AuditExpectation expectation;
  std::ifstream anchor(audit_anchor(path), std::ios::binary);
  std::getline(anchor, expectation.head_line);
  return verify_audit(audit_files(path), verifier, expectation);
}

}  // namespace sallyport::store
