// The lines of the audit trail. Each is one JSON object with its members in one order, and carries
// the hash of the line before it, so that none can be changed, taken out or moved without a trace.
//
// An event:  {"seq":7,"time":"…","actor":"…","action":"…","object":"…","detail":"…",
//             "prev":"<hash of line 6>","hash":"<hash>"}
// A head:    {"seq":8,"time":"…","head":"<key id>","prev":"…","hash":"…","signature":"…"}
//
// A hash is the SHA-256 of the bytes of its line before `,"hash"`. A head is signed, and so vouches
// for every line before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::store {

class AuditSigner;

// The event of a new master key, and so of a new key that heads are signed with; its object is this
// and the former public key (AuditSigner::public_key).
inline constexpr std::string_view kAuditKeyChanged = "state.rekey";
inline constexpr std::string_view kAuditKeyObject = "audit_key/";

// Something that happened. Texts of any bytes; what is not UTF-8 is escaped.
struct AuditEvent {
  std::string actor;   // who: "token/ci", "operator/ada", "sallyport"
  std::string action;  // what: "api_key.revoke"
  std::string object;  // to what: "api_key/ABC…"
  std::string detail;  // more, often JSON; never a secret
};

// Where a chain ends: what the next line is tied to.
struct ChainEnd {
  std::uint64_t seq = 0;  // of the last line; 0: there is none
  std::string hash = std::string(64, '0');
};

// A line taken apart. The views are of the line; texts are still escaped.
struct AuditLine {
  std::uint64_t seq = 0;
  std::string_view time;
  std::string_view actor;
  std::string_view action;
  std::string_view object;
  std::string_view detail;
  std::string_view head;  // of heads only: which key signed
  std::string_view prev;
  std::string_view hash;
  std::string_view signature;  // of heads only
  std::string_view hashed;     // the bytes that the hash is of

  [[nodiscard]] bool is_head() const { return !head.empty(); }
  [[nodiscard]] bool hash_holds() const;
};

// `line` is without its line end. Nothing for anything that the functions below do not write.
[[nodiscard]] std::optional<AuditLine> parse_audit_line(std::string_view line);

// Append a line with its line end and move `end` on to it. `time` in Unix milliseconds.
void append_event(std::string& out, ChainEnd& end, std::int64_t time, const AuditEvent& event);
void append_head(std::string& out, ChainEnd& end, std::int64_t time, const AuditSigner& signer);

}  // namespace sallyport::store
