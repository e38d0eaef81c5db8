#include "telemetry/trace_context.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "http/headers.h"

namespace sallyport::telemetry {
namespace {

using http::HeaderId;

constexpr std::size_t kMostMembers = 32;
constexpr std::size_t kLongestKey = 256;
constexpr std::size_t kLongestTenant = 241;
constexpr std::size_t kLongestSystem = 14;
constexpr std::size_t kLongestValue = 256;

constexpr bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(std::string_view text) { return std::ranges::all_of(text, is_lower_hex); }
bool is_zero(std::string_view text) { return text.find_first_not_of('0') == text.npos; }

constexpr unsigned digit(char c) {
  return static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
}

bool is_key_part(std::string_view part, bool may_begin_with_digit, std::size_t longest) {
  if (part.empty() || part.size() > longest) return false;
  if (!is_lower(part.front()) && !(may_begin_with_digit && is_digit(part.front()))) return false;
  return std::ranges::all_of(part, [](char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
  });
}

// "vendor", or "tenant@system".
bool is_key(std::string_view key) {
  std::size_t at = key.find('@');
  if (at == key.npos) return is_key_part(key, true, kLongestKey);
  return is_key_part(key.substr(0, at), true, kLongestTenant) &&
         is_key_part(key.substr(at + 1), false, kLongestSystem);
}

bool is_value(std::string_view value) {
  if (value.empty() || value.size() > kLongestValue || value.back() == ' ') return false;
  return std::ranges::all_of(value,
                             [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

bool is_member(std::string_view member) {
  std::size_t equals = member.find('=');
  return equals != member.npos && is_key(member.substr(0, equals)) &&
         is_value(member.substr(equals + 1));
}

// What the request brings. A trace that is named twice is not continued.
std::optional<TraceParent> incoming(const http::Headers& headers) {
  if (!headers.maybe_has(HeaderId::traceparent)) return std::nullopt;
  const http::Field* only = nullptr;
  for (const http::Field& field : headers) {
    if (field.removed || field.id != HeaderId::traceparent) continue;
    if (only != nullptr) return std::nullopt;
    only = &field;
  }
  return only == nullptr ? std::nullopt : parse_traceparent(only->value());
}

bool tracestate_is_valid(const http::Headers& headers) {
  std::size_t members = 0;
  return std::ranges::all_of(headers, [&](const http::Field& field) {
    return field.removed || field.id != HeaderId::tracestate ||
           is_valid_tracestate(field.value(), members);
  });
}

std::uint64_t nonzero(Random& random) {
  std::uint64_t value = random.next();
  return value != 0 ? value : 1;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view value) {
  if (value.size() < kTraceParentLength) return std::nullopt;
  std::string_view version = value.substr(0, 2);
  std::string_view trace_id = value.substr(3, 32);
  std::string_view parent_id = value.substr(36, 16);
  std::string_view flags = value.substr(53, 2);
  if (value[2] != '-' || value[35] != '-' || value[52] != '-') return std::nullopt;
  if (!is_hex(version) || !is_hex(trace_id) || !is_hex(parent_id) || !is_hex(flags)) {
    return std::nullopt;
  }
  if (version == "ff" || is_zero(trace_id) || is_zero(parent_id)) return std::nullopt;
  if (value.size() > kTraceParentLength && (version == "00" || value[kTraceParentLength] != '-')) {
    return std::nullopt;
  }
  TraceParent parent{};
  parent.sampled = (digit(flags[1]) & 1) != 0;
  std::ranges::copy(trace_id, parent.trace_id.begin());
  std::ranges::copy(parent_id, parent.parent_id.begin());
  return parent;
}

void write_traceparent(char* out, const std::array<char, 32>& trace_id,
                       const std::array<char, 16>& span_id, bool sampled) {
  std::memcpy(out, "00-", 3);
  std::memcpy(out + 3, trace_id.data(), trace_id.size());
  out[35] = '-';
  std::memcpy(out + 36, span_id.data(), span_id.size());
  std::memcpy(out + 52, sampled ? "-01" : "-00", 3);
}

bool is_valid_tracestate(std::string_view value, std::size_t& members) {
  while (true) {
    std::size_t comma = value.find(',');
    // Empty members are allowed, and not counted.
    std::string_view member = text::trim(value.substr(0, comma));
    if (!member.empty() && (!is_member(member) || ++members > kMostMembers)) return false;
    if (comma == value.npos) return true;
    value.remove_prefix(comma + 1);
  }
}

void begin_trace(Exchange& x, Random& random) {
  if (std::optional<TraceParent> parent = incoming(x.request.headers)) {
    x.trace_id = parent->trace_id;
    x.trace_sampled = parent->sampled;
    x.trace_continued = true;
  } else {
    write_hex(x.trace_id.data(), random.next());
    write_hex(x.trace_id.data() + 16, nonzero(random));
    x.trace_sampled = true;
    x.trace_continued = false;
  }
  write_hex(x.span_id.data(), nonzero(random));
}

void forward_trace(Exchange& x) {
  http::Headers& headers = x.request.headers;
  if (headers.maybe_has(HeaderId::tracestate) &&
      !(x.trace_continued && tracestate_is_valid(headers))) {
    headers.remove(HeaderId::tracestate);
  }
  char* value = x.arena.chars(kTraceParentLength);
  write_traceparent(value, x.trace_id, x.span_id, x.trace_sampled);
  headers.set(HeaderId::traceparent, {value, kTraceParentLength});
}

}  // namespace sallyport::telemetry
