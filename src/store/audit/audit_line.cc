// See audit_line.h.
#include "store/audit/audit_line.h"

#include "async/digest.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/audit/audit_signer.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kTimeSize = 24;
constexpr std::size_t kHashSize = 64;

bool is_hex(std::string_view text, std::size_t size) {
  if (text.size() != size) return false;
  for (char c : text) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

// Takes a line apart from the front; once something does not fit, nothing does any more.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : line_(line), rest_(line) {}

  void expect(std::string_view text) {
    good_ = good_ && rest_.starts_with(text);
    if (good_) rest_.remove_prefix(text.size());
  }
  [[nodiscard]] bool sees(std::string_view text) const { return rest_.starts_with(text); }

  // Digits without a zero in front.
  std::uint64_t number() {
    const std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto value = text::to_number(rest_.substr(0, size));
    good_ = good_ && value && *value != 0 && rest_.front() != '0';
    if (!good_) return 0;
    rest_.remove_prefix(size);
    return *value;
  }

  // What is between two quotes, with the escapes that our writer uses and no others.
  std::string_view string() {
    expect("\"");
    std::size_t i = 0;
    while (good_ && i < rest_.size() && rest_[i] != '"') i += step(i);
    good_ = good_ && i < rest_.size();
    if (!good_) return {};
    const std::string_view text = rest_.substr(0, i);
    rest_.remove_prefix(i + 1);
    return text;
  }
  std::string_view member(std::string_view name) {
    expect(",\"");
    expect(name);
    expect("\":");
    return string();
  }

  [[nodiscard]] std::string_view taken() const {
    return line_.substr(0, line_.size() - rest_.size());
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  // The length of the character at `i`, escaped or not; 0 and no longer good if it may not be.
  std::size_t step(std::size_t i) {
    const std::string_view at = rest_.substr(i);
    const auto c = static_cast<unsigned char>(at[0]);
    std::size_t size = 1;
    if (c == '\\') {
      size = at.starts_with("\\\"") || at.starts_with("\\\\") ? 2 : 0;
      if (at.starts_with("\\u00") && at.size() >= 6 && is_hex(at.substr(4, 2), 2)) size = 6;
    } else {
      size = c < 0x20 || c == 0x7F ? 0 : text::utf8_length(at);
    }
    good_ = size != 0;
    return size;
  }

  std::string_view line_;
  std::string_view rest_;
  bool good_ = true;
};

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":\"";
  text::append_json_escaped(out, value);
  out += '"';
}

void append_start(std::string& out, const ChainEnd& end, std::int64_t time) {
  char text[kTimeSize];
  write_rfc3339(text, time);
  out += "{\"seq\":" + std::to_string(end.seq + 1);
  append_member(out, "time", {text, kTimeSize});
}

// What `out` holds from `begin` on is a line up to its hash.
void append_hash(std::string& out, std::size_t begin, ChainEnd& end) {
  append_member(out, "prev", end.hash);
  end.hash = async::sha256(std::string_view(out).substr(begin));
  ++end.seq;
  append_member(out, "hash", end.hash);
}

}  // namespace

bool AuditLine::hash_holds() const { return async::sha256(hashed) == hash; }

std::optional<AuditLine> parse_audit_line(std::string_view text) {
  AuditLine line;
  Scanner scan(text);
  scan.expect("{\"seq\":");
  line.seq = scan.number();
  line.time = scan.member("time");
  if (scan.sees(",\"head\":")) {
    line.head = scan.member("head");
    if (!is_hex(line.head, AuditSigner::kIdSize)) return std::nullopt;
  } else {
    line.actor = scan.member("actor");
    line.action = scan.member("action");
    line.object = scan.member("object");
    line.detail = scan.member("detail");
  }
  line.prev = scan.member("prev");
  line.hashed = scan.taken();
  line.hash = scan.member("hash");
  if (line.is_head()) line.signature = scan.member("signature");
  scan.expect("}");
  const bool fits = scan.at_end() && line.time.size() == kTimeSize &&
                    is_hex(line.prev, kHashSize) && is_hex(line.hash, kHashSize);
  return fits ? std::optional(line) : std::nullopt;
}

void append_event(std::string& out, ChainEnd& end, std::int64_t time, const AuditEvent& event) {
  const std::size_t begin = out.size();
  append_start(out, end, time);
  append_member(out, "actor", event.actor);
  append_member(out, "action", event.action);
  append_member(out, "object", event.object);
  append_member(out, "detail", event.detail);
  append_hash(out, begin, end);
  out += "}\n";
}

void append_head(std::string& out, ChainEnd& end, std::int64_t time, const AuditSigner& signer) {
  const std::size_t begin = out.size();
  append_start(out, end, time);
  append_member(out, "head", signer.id());
  append_hash(out, begin, end);
  append_member(out, "signature", signer.sign(end.hash));
  out += "}\n";
}

}  // namespace sallyport::store
