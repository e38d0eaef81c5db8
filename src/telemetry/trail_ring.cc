// One slot: a head of fixed size, then a packed area of trail entries and texts, so that a short
// record touches little memory.
#include "telemetry/trail_ring.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/line_format.h"
#include "telemetry/findings.h"

namespace sallyport::telemetry {
namespace {

// What is kept of each text, in bytes. Together, and with room for a few entries, they fit a slot.
constexpr std::size_t kClient = 46;
constexpr std::size_t kMethod = 16;
constexpr std::size_t kHost = 64;
constexpr std::size_t kPath = 192;
constexpr std::size_t kQuery = 96;
constexpr std::size_t kUpstream = 32;
constexpr std::size_t kEndpoint = 48;
constexpr std::size_t kDetail = 96;
constexpr std::size_t kEntryDetail = 64;
constexpr std::size_t kFindings = 12;
constexpr std::size_t kVariable = 40;
constexpr std::size_t kValue = 32;
constexpr std::size_t kMessage = 64;
constexpr std::string_view kCut = "...";  // how a text ends that was too long

constexpr std::string_view phase_text(Phase phase) {
  switch (phase) {
    case Phase::request:
      return "request";
    case Phase::request_body:
      return "request_body";
    case Phase::response:
      return "response";
    case Phase::response_body:
      return "response_body";
  }
  return "";
}

constexpr std::string_view outcome_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::stopped:
      return "stopped";
    case Outcome::monitored:
      return "monitored";
  }
  return "";
}

// A trail entry without its detail, which stands behind all of them: a length, then the text, for
// each entry that has a reason.
struct EntryHead {
  const Reason* reason;
  std::uint32_t nanoseconds;
  std::uint16_t policy;  // position in the pipeline
  Phase phase;
  Outcome outcome;
};

// A rule that matched, without its texts, which stand behind it in this order.
struct FindingHead {
  std::int64_t rule;
  std::array<std::uint8_t, 3> lengths;  // of variable, value, message
  std::uint8_t severity;
};

}  // namespace

class TrailRing::Record {
 public:
  void fill(const Exchange& x, const LogContext& context);
  void write(JsonWriter& json) const;
  [[nodiscard]] std::string_view id() const { return {request_id_.data(), request_id_.size()}; }

 private:
  enum class Text : std::uint8_t {
    client,
    method,
    host,
    path,
    query,
    upstream,
    endpoint,
    detail,
    count_,
  };
  static constexpr std::size_t kTexts = static_cast<std::size_t>(Text::count_);
  static constexpr std::size_t kHead = 152;
  static constexpr std::size_t kArea = kSlotSize - kHead;

  [[nodiscard]] char* put(char* out, Text which, std::string_view text, std::size_t limit);
  [[nodiscard]] char* put_entries(char* out, const Exchange& x);
  void put_findings(char* out, const Exchange& x, const MaskedNames& masked);
  // They return where in the area what they wrote ends.
  [[nodiscard]] std::size_t write_entries(JsonWriter& json, std::size_t at) const;
  void write_inspection(JsonWriter& json, std::size_t at) const;

  std::array<char, 32> request_id_;
  std::array<char, 32> trace_id_;
  std::int64_t ended_;
  std::uint64_t revision_;
  std::uint64_t total_ns_;
  const Reason* reason_;
  const RouteNames* names_;
  std::uint64_t policies_ns_;
  std::uint64_t upstream_ns_;
  std::uint16_t status_;
  std::uint16_t upstream_status_;
  std::uint8_t entries_;  // those that found room
  std::uint8_t entries_dropped_;
  std::uint8_t retries_;
  std::uint8_t findings_;  // those that found room
  std::uint8_t findings_dropped_;
  bool request_cut_;
  bool response_cut_;
  std::uint32_t inbound_score_;
  std::uint32_t outbound_score_;
  char mode_;  // first letter of the inspection's; 0: nothing was inspected
  std::array<std::uint8_t, kTexts> lengths_;
  std::array<char, kArea> area_;  // texts in the order of Text, then entries
};

char* TrailRing::Record::put(char* out, Text which, std::string_view text, std::size_t limit) {
  std::size_t kept = std::min(text.size(), limit);
  lengths_[static_cast<std::size_t>(which)] = static_cast<std::uint8_t>(kept);
  out = put_text(out, text.substr(0, kept));
  if (kept < text.size()) std::memcpy(out - kCut.size(), kCut.data(), kCut.size());
  return out;
}

char* TrailRing::Record::put_entries(char* out, const Exchange& x) {
  const char* const end = area_.data() + area_.size() - kLineSlack;
  std::span<const TrailEntry> trail = x.trail.entries();
  std::size_t room = static_cast<std::size_t>(end - out) / (sizeof(EntryHead) + 1);
  std::size_t count = std::min({trail.size(), room, std::size_t{255}});
  entries_ = static_cast<std::uint8_t>(count);
  entries_dropped_ = static_cast<std::uint8_t>(std::min<std::size_t>(trail.size() - count, 255));

  char* details = out + count * sizeof(EntryHead);
  std::size_t reasons_to_come = count;
  for (const TrailEntry& entry : trail.first(count)) {
    EntryHead head{.reason = entry.reason,
                   .nanoseconds = entry.nanoseconds,
                   .policy = entry.policy,
                   .phase = entry.phase,
                   .outcome = entry.outcome};
    std::memcpy(out, &head, sizeof head);
    out += sizeof head;
    --reasons_to_come;
    if (entry.reason == nullptr) [[likely]]
      continue;
    // Every later entry keeps a byte for the length of its detail.
    std::size_t left = static_cast<std::size_t>(end - details) - 1 - reasons_to_come;
    std::string_view detail = entry.detail.substr(0, std::min(kEntryDetail, left));
    *details++ = static_cast<char>(detail.size());
    details = put_text(details, detail);
  }
  return details;
}

void TrailRing::Record::put_findings(char* out, const Exchange& x, const MaskedNames& masked) {
  const char* const end = area_.data() + area_.size() - kLineSlack;
  std::span<const Finding> findings = x.inspection.findings;
  std::uint8_t kept = 0;
  for (const Finding& finding : findings.first(std::min(findings.size(), kFindings))) {
    std::array<std::string_view, 3> texts{finding.variable.substr(0, kVariable),
                                          shown_value(finding, masked).substr(0, kValue),
                                          finding.message.substr(0, kMessage)};
    FindingHead head{.rule = finding.rule, .lengths = {}, .severity = finding.severity};
    std::size_t size = sizeof head;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      head.lengths[i] = static_cast<std::uint8_t>(texts[i].size());
      size += texts[i].size();
    }
    if (size > static_cast<std::size_t>(end - out)) break;
    std::memcpy(out, &head, sizeof head);
    out += sizeof head;
    for (std::string_view text : texts) out = put_text(out, text);
    ++kept;
  }
  findings_ = kept;
  findings_dropped_ = static_cast<std::uint8_t>(std::min<std::size_t>(findings.size() - kept, 255));
}

void TrailRing::Record::fill(const Exchange& x, const LogContext& context) {
  static_assert(sizeof(Record) == kSlotSize);
  static_assert(kClient + kMethod + kHost + kPath + kQuery + kUpstream + kEndpoint + kDetail +
                    4 * sizeof(EntryHead) + kLineSlack <=
                kArea);
  request_id_ = x.request_id;
  trace_id_ = x.trace_id;
  ended_ = context.ended;
  revision_ = context.revision;
  total_ns_ = context.total_ns;
  reason_ = x.reason;
  names_ = context.notes->names;
  policies_ns_ = context.policies_ns;
  upstream_ns_ = context.upstream_ns;
  status_ = x.response.status;
  upstream_status_ = x.upstream.status;
  retries_ = x.upstream.retries;
  char* out = area_.data();
  out = put(out, Text::client, x.client.text, kClient);
  out = put(out, Text::method, x.request.method, kMethod);
  out = put(out, Text::host, x.request.host, kHost);
  out = put(out, Text::path, x.request.path, kPath);
  out = put(out, Text::query, context.query, kQuery);
  out = put(out, Text::upstream, x.upstream.name, kUpstream);
  out = put(out, Text::endpoint, x.upstream.endpoint, kEndpoint);
  out = put(out, Text::detail, x.detail, kDetail);
  out = put_entries(out, x);
  const Inspection& inspection = x.inspection;
  mode_ = inspection.mode.empty() ? '\0' : inspection.mode.front();
  request_cut_ = inspection.request_cut;
  response_cut_ = inspection.response_cut;
  inbound_score_ = inspection.inbound_score;
  outbound_score_ = inspection.outbound_score;
  put_findings(out, x, *context.masked);
}

void TrailRing::Record::write(JsonWriter& json) const {
  std::array<char, 24> time;
  write_rfc3339(time.data(), ended_);
  json.begin_object();
  json.string("request_id", id());
  if (trace_id_[0] != '\0') json.string("trace_id", {trace_id_.data(), trace_id_.size()});
  json.string("time", {time.data(), time.size()});

  static constexpr std::array<std::string_view, kTexts> kKeys = {
      "client", "method", "host", "path", "query", "upstream", "endpoint", "detail"};
  std::size_t at = 0;
  for (std::size_t i = 0; i < kTexts; ++i) {
    if (lengths_[i] != 0) json.string(kKeys[i], {area_.data() + at, lengths_[i]});
    at += lengths_[i];
  }
  if (!names_->api.empty()) {
    json.string("api", names_->api);
    json.string("route", names_->route);
  }
  if (status_ != 0) json.number("status", status_);
  if (upstream_status_ != 0) json.number("upstream_status", upstream_status_);
  if (retries_ != 0) json.number("retries", retries_);
  if (reason_ != nullptr) {
    json.string("reason", reason_->code);
    json.string("title", reason_->title);
  }
  json.number("revision", revision_);
  json.number("total_ns", total_ns_);
  json.number("policies_ns", policies_ns_);
  json.number("upstream_ns", upstream_ns_);
  at = write_entries(json, at);
  if (entries_dropped_ != 0) json.number("trail_dropped", entries_dropped_);
  if (mode_ != '\0') write_inspection(json, at);
  json.end_object();
}

std::size_t TrailRing::Record::write_entries(JsonWriter& json, std::size_t at) const {
  const char* details = area_.data() + at + entries_ * sizeof(EntryHead);
  json.key("trail").begin_array();
  for (std::size_t i = 0; i < entries_; ++i) {
    EntryHead head;
    std::memcpy(&head, area_.data() + at + i * sizeof head, sizeof head);
    json.begin_object();
    bool known = head.policy < names_->policies.size();
    json.string("policy", known ? std::string_view(names_->policies[head.policy]) : "");
    json.string("phase", phase_text(head.phase));
    json.string("outcome", outcome_text(head.outcome));
    if (head.reason != nullptr) {
      json.string("reason", head.reason->code);
      auto length = std::size_t{static_cast<unsigned char>(*details++)};
      if (length != 0) json.string("detail", {details, length});
      details += length;
    }
    json.number("ns", head.nanoseconds);
    json.end_object();
  }
  json.end_array();
  return static_cast<std::size_t>(details - area_.data());
}

void TrailRing::Record::write_inspection(JsonWriter& json, std::size_t at) const {
  json.key("waf").begin_object();
  for (std::string_view mode : {"detect", "block", "monitor"}) {
    if (mode.front() == mode_) json.string("mode", mode);
  }
  json.number("score", inbound_score_).number("outbound_score", outbound_score_);
  if (request_cut_) json.boolean("request_cut", true);
  if (response_cut_) json.boolean("response_cut", true);
  json.key("findings").begin_array();
  for (std::size_t i = 0; i < findings_; ++i) {
    FindingHead head;
    std::memcpy(&head, area_.data() + at, sizeof head);
    at += sizeof head;
    json.begin_object().number("rule", head.rule).number("severity", head.severity);
    static constexpr std::array<std::string_view, 3> kKeys{"variable", "value", "message"};
    for (std::size_t text = 0; text < kKeys.size(); ++text) {
      if (head.lengths[text] != 0)
        json.string(kKeys[text], {area_.data() + at, head.lengths[text]});
      at += head.lengths[text];
    }
    json.end_object();
  }
  json.end_array();
  if (findings_dropped_ != 0) json.number("findings_dropped", findings_dropped_);
  json.end_object();
}

TrailRing::TrailRing(std::uint32_t records)
    : records_(std::make_unique_for_overwrite<Record[]>(records)), capacity_(records) {}
TrailRing::TrailRing(TrailRing&&) noexcept = default;
TrailRing& TrailRing::operator=(TrailRing&&) noexcept = default;
TrailRing::~TrailRing() = default;

void TrailRing::record(const Exchange& x, const LogContext& context) {
  if (capacity_ == 0) return;
  records_[next_].fill(x, context);
  next_ = next_ + 1 == capacity_ ? 0 : next_ + 1;
  used_ = std::min(used_ + 1, capacity_);
}

const TrailRing::Record* TrailRing::newest(std::uint32_t age) const {
  if (age >= used_) return nullptr;
  return &records_[(next_ + capacity_ - 1 - age) % capacity_];
}

const TrailRing::Record* TrailRing::find(std::string_view request_id) const {
  for (std::uint32_t age = 0; age < used_; ++age) {
    const Record* record = newest(age);
    if (record->id() == request_id) return record;
  }
  return nullptr;
}

std::string TrailRing::to_json(const Record& record, int indent) {
  std::string text;
  JsonWriter json(text, indent);
  record.write(json);
  return text;
}

}  // namespace sallyport::telemetry
