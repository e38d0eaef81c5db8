// The table of fields, and the one function that formats them. Keys are made from the table while
// compiling, so line and documentation cannot drift apart.
#include "telemetry/access_log.h"

#include <algorithm>
#include <cstring>

#include "base/line_format.h"
#include "http/headers.h"
#include "telemetry/findings.h"
#include "telemetry/masking.h"

namespace sallyport::telemetry {
namespace {

// In the order of the table and of the line.
enum class Field : std::uint8_t {
  timestamp,
  level,
  ecs_version,
  dataset,
  duration,
  outcome,
  reason,
  request_id,
  trace_id,
  span_id,
  client_ip,
  client_port,
  source_ip,
  tls_version,
  tls_cipher,
  tls_client_subject,
  method,
  domain,
  path,
  query,
  http_version,
  status,
  request_bytes,
  response_bytes,
  user_agent,
  referrer,
  api,
  route,
  revision,
  policies,
  upstream,
  destination,
  upstream_status,
  upstream_duration,
  retries,
  monitored,
  waf_mode,
  waf_rules,
  waf_matches,
  waf_score,
  waf_outbound_score,
  waf_cut,
  detail,
  count_,
};

constexpr auto kFields = std::to_array<LogFieldDescription>({
    {"@timestamp", "date", "", "When the exchange ended; UTC, milliseconds."},
    {"log.level", "keyword", "",
     "info; warn when an upstream or the operations behind it are to blame for an early end, error "
     "when the gateway is."},
    {"ecs.version", "keyword", "",
     "Version of the Elastic Common Schema the names are taken from."},
    {"event.dataset", "keyword", "", "Always sallyport.access."},
    {"event.duration", "long", "", "Nanoseconds from the request's head to the response's end."},
    {"event.outcome", "keyword", "",
     "failure when the exchange ended early or its status is 500 or above, else success."},
    {"event.reason", "keyword", "the exchange ended early",
     "Code of the reason, as in the reason catalogue.", 128},
    {"http.request.id", "keyword", "", "Request id, as sent to the client and the upstream.", 32},
    {"trace.id", "keyword", "a trace was begun or continued", "W3C trace id.", 32},
    {"span.id", "keyword", "a trace was begun or continued",
     "The gateway's own span, parent of what the upstream does.", 16},
    {"client.ip", "ip", "", "The client, as trusted proxies vouch for it.", 64},
    {"client.port", "long", "it is known", "The client's port."},
    {"source.ip", "ip", "it differs from client.ip",
     "The other end of the connection: the nearest proxy.", 64},
    {"tls.version", "keyword", "the connection is TLS", "TLS version: 1.2 or 1.3.", 16},
    {"tls.cipher", "keyword", "the connection is TLS", "Cipher suite.", 64},
    {"tls.client.subject", "keyword", "the client showed a certificate",
     "Distinguished name of the client certificate's subject.", 512},
    {"http.request.method", "keyword", "the head was readable", "Method.", 64},
    {"url.domain", "keyword", "the request names a host", "Host, lower case, without port.", 256},
    {"url.path", "wildcard", "the head was readable", "Path, normalised.", 4096},
    {"url.query", "keyword", "there is a query",
     "Query as it came, values of sensitive parameters masked.", 4096},
    {"http.version", "keyword", "the head was readable", "HTTP version of the client.", 8},
    {"http.response.status_code", "long", "a response was sent", "Status sent to the client."},
    {"http.request.bytes", "long", "", "Received from the client, head included."},
    {"http.response.bytes", "long", "", "Sent to the client, head included."},
    {"user_agent.original", "keyword", "the client sent it", "User-Agent field.", 512},
    {"http.request.referrer", "keyword", "the client sent it",
     "Referer field, masked as url.query is.", 1024},
    {"sallyport.api", "keyword", "a route was found", "Name of the API.", 256},
    {"sallyport.route", "keyword", "a route was found", "Name of the route.", 512},
    {"sallyport.revision", "long", "", "Revision of the configuration that decided."},
    {"sallyport.policies_ns", "long", "a policy ran", "Nanoseconds spent in policies."},
    {"sallyport.upstream", "keyword", "an upstream was asked", "Name of the upstream.", 256},
    {"destination.address", "keyword", "an endpoint was chosen",
     "Address and port of the upstream's endpoint.", 300},
    {"sallyport.upstream_status", "long", "the upstream answered with another status",
     "Status the upstream sent."},
    {"sallyport.upstream_ns", "long", "an upstream was asked",
     "Nanoseconds from asking the upstream to the end of its response."},
    {"sallyport.retries", "long", "the request was sent again", "How often it was sent again."},
    {"sallyport.monitored", "keyword", "a policy in monitor mode would have stopped the exchange",
     "Code of the first such reason.", 128},
    {"sallyport.waf.mode", "keyword", "the exchange was inspected", "Mode of the policy waf.", 16},
    {"sallyport.waf.rules", "long", "rules matched", "Their ids, in order; a list.", 160},
    {"sallyport.waf.matches", "keyword", "rules matched",
     "Each rule with the variable it matched in, and its value where neither the name nor the kind "
     "of the variable makes it a secret.",
     1024},
    {"sallyport.waf.score", "long", "it is not 0", "Anomaly score of the request."},
    {"sallyport.waf.outbound_score", "long", "it is not 0", "Anomaly score of the response."},
    {"sallyport.waf.cut", "keyword", "a body was not inspected to its end",
     "Which one: request, response or both.", 16},
    {"sallyport.detail", "keyword", "the reason has one",
     "What exactly was found; for operators, never sent to the client.", 1024},
});
static_assert(kFields.size() == static_cast<std::size_t>(Field::count_));

constexpr const LogFieldDescription& description(Field field) {
  return kFields[static_cast<std::size_t>(field)];
}

// Every text at its limit and every byte of it escaped.
constexpr std::size_t longest_line() {
  std::size_t size = 2;
  for (const LogFieldDescription& field : kFields) {
    constexpr std::size_t kAround = sizeof(",\"\":\"...\"") + 64;
    size += field.name.size() + kAround + json_room(field.limit);
  }
  return size;
}
static_assert(longest_line() <= LogBuffer::kLongestLine);

// `,"name":` followed by `rest`.
template <Field field, std::size_t N = 1>
constexpr auto key(const char (&rest)[N] = "") {
  std::array<char, description(field).name.size() + 4 + N - 1> text{};
  char* p = text.data();
  *p++ = ',';
  *p++ = '"';
  p = std::ranges::copy(description(field).name, p).out;
  *p++ = '"';
  *p++ = ':';
  std::ranges::copy(rest, rest + N - 1, p);
  return text;
}

template <std::size_t... N>
constexpr auto joined(const std::array<char, N>&... parts) {
  std::array<char, (N + ...)> text{};
  char* p = text.data();
  ((p = std::ranges::copy(parts, p).out), ...);
  return text;
}

template <std::size_t N>
char* put(char* out, const std::array<char, N>& constant) {
  std::memcpy(out, constant.data(), N);
  return out + N;
}

template <Field field>
char* begin_field(char* out) {
  static constexpr auto kKey = key<field>("\"");
  return put(out, kKey);
}

template <Field field>
char* put_field(char* out, std::string_view value) {
  constexpr std::size_t kLimit = description(field).limit;
  static_assert(kLimit != 0);
  out = begin_field<field>(out);
  out = put_json(out, value.substr(0, kLimit));
  if (value.size() > kLimit) [[unlikely]]
    out = put_text(out, "...");
  *out++ = '"';
  return out;
}

template <Field field>
char* put_field_if(char* out, std::string_view value) {
  return value.empty() ? out : put_field<field>(out, value);
}

template <Field field>
char* put_count(char* out, std::uint64_t value) {
  static constexpr auto kKey = key<field>();
  return put_number(put(out, kKey), value);
}

// Hexadecimal digits; zero bytes if it was never set.
template <Field field, std::size_t N>
char* put_id(char* out, const std::array<char, N>& id) {
  if (id[0] == '\0') return out;
  out = put(begin_field<field>(out), id);
  *out++ = '"';
  return out;
}

// A URL without user and password, and without the sensitive parameters of query and fragment.
std::string_view without_secrets(std::string_view url, const MaskedNames& masked, Arena& arena) {
  std::string_view front = url.substr(0, url.find_first_of("?#"));
  std::string_view rest = url.substr(front.size());
  char* const copy = arena.chars(url.size() * 2 + kMask.size() + kLineSlack);
  char* out = copy;

  std::size_t slashes = front.find("//");
  std::size_t authority = slashes == front.npos ? front.size() : slashes + 2;
  std::size_t at = front.substr(0, front.find('/', authority)).rfind('@');
  if (at != front.npos && at >= authority) {
    out = put_text(put_text(out, front.substr(0, authority)), kMask);
    front.remove_prefix(at);
  }
  out = put_text(out, front);
  while (!rest.empty()) {
    *out++ = rest.front();  // "?" or "#"
    rest.remove_prefix(1);
    std::string_view parameters = rest.substr(0, rest.find_first_of("?#"));
    out = put_text(out, masked.mask(parameters, arena));
    rest.remove_prefix(parameters.size());
  }
  return {copy, static_cast<std::size_t>(out - copy)};
}

char* put_referrer(char* out, std::string_view url, const MaskedNames& masked, Arena& arena) {
  if (masked.masks_referer()) return put_field<Field::referrer>(out, kMask);
  // Cut first, but for one byte that tells that it was: a header may be long.
  url = url.substr(0, description(Field::referrer).limit + 1);
  return put_field<Field::referrer>(out, without_secrets(url, masked, arena));
}

char* put_begin(char* out, const Exchange& x) {
  static constexpr auto kAlways =
      joined(key<Field::ecs_version>("\"8.11.0\""), key<Field::dataset>("\"sallyport.access\""),
             key<Field::duration>());
  static constexpr auto kInfo = joined(key<Field::level>("\"info\""), kAlways);
  static constexpr auto kWarn = joined(key<Field::level>("\"warn\""), kAlways);
  static constexpr auto kError = joined(key<Field::level>("\"error\""), kAlways);
  if (x.reason == nullptr || x.reason->blame == Blame::client) return put(out, kInfo);
  return x.reason->blame == Blame::gateway ? put(out, kError) : put(out, kWarn);
}

char* put_outcome(char* out, const Exchange& x) {
  static constexpr auto kSuccess = key<Field::outcome>("\"success\"");
  static constexpr auto kFailure = key<Field::outcome>("\"failure\"");
  if (x.reason == nullptr && x.response.status < 500) return put(out, kSuccess);
  out = put(out, kFailure);
  return x.reason == nullptr ? out : put_field<Field::reason>(out, x.reason->code);
}

char* put_version(char* out, http::Version version) {
  static constexpr auto kHttp10 = key<Field::http_version>("\"1.0\"");
  static constexpr auto kHttp11 = key<Field::http_version>("\"1.1\"");
  static constexpr auto kHttp2 = key<Field::http_version>("\"2\"");
  switch (version) {
    case http::Version::http_1_0:
      return put(out, kHttp10);
    case http::Version::http_1_1:
      return put(out, kHttp11);
    case http::Version::http_2:
      return put(out, kHttp2);
  }
  return out;
}

// The code of the first refusal that was only recorded.
std::string_view monitored(const Exchange& x) {
  for (const TrailEntry& entry : x.trail.entries()) {
    if (entry.outcome == Outcome::monitored && entry.reason != nullptr) return entry.reason->code;
  }
  return {};
}

char* put_client(char* out, const Exchange& x) {
  out = put_field_if<Field::client_ip>(out, x.client.text);
  if (x.client.port != 0) out = put_count<Field::client_port>(out, x.client.port);
  if (x.peer != x.client.address) {
    std::array<char, 64> text;
    out = put_field<Field::source_ip>(out, {text.data(), x.peer.write(text.data())});
  }
  if (!x.tls.on) return out;
  std::string_view version = x.tls.version;
  if (version.starts_with("TLSv")) version.remove_prefix(4);
  out = put_field<Field::tls_version>(out, version);
  out = put_field<Field::tls_cipher>(out, x.tls.cipher);
  return put_field_if<Field::tls_client_subject>(out, x.tls.client_subject);
}

char* put_exchange(char* out, const Exchange& x, const LogContext& context) {
  const http::Request& request = x.request;
  out = put_field_if<Field::method>(out, request.method);
  out = put_field_if<Field::domain>(out, request.host);
  out = put_field_if<Field::path>(out, request.path);
  out = put_field_if<Field::query>(out, context.query);
  if (!request.method.empty()) out = put_version(out, request.version);
  if (x.response.status != 0) out = put_count<Field::status>(out, x.response.status);
  out = put_count<Field::request_bytes>(out, x.bytes_in);
  out = put_count<Field::response_bytes>(out, x.bytes_out);
  if (request.headers.maybe_has(http::HeaderId::user_agent)) {
    std::string_view agent = request.headers.get(http::HeaderId::user_agent);
    if (!agent.empty() && context.masked->masks_user_agent()) agent = kMask;
    out = put_field_if<Field::user_agent>(out, agent);
  }
  if (request.headers.maybe_has(http::HeaderId::referer)) {
    std::string_view referer = request.headers.get(http::HeaderId::referer);
    if (!referer.empty()) out = put_referrer(out, referer, *context.masked, x.arena);
  }
  return out;
}

// "[942100,949110]"
char* put_rules(char* out, std::span<const Finding> findings) {
  static constexpr auto kKey = key<Field::waf_rules>("[");
  constexpr std::size_t kMost = 32;
  constexpr std::size_t kDigits = 20;
  static_assert(kMost * (kDigits + 1) + 1 <= json_room(description(Field::waf_rules).limit));
  out = put(out, kKey);
  for (const Finding& finding : findings.first(std::min(findings.size(), kMost))) {
    out = put_number(out, static_cast<std::uint64_t>(finding.rule));
    *out++ = ',';
  }
  out[-1] = ']';
  return out;
}

char* put_inspection(char* out, const Exchange& x, const MaskedNames& masked) {
  const Inspection& found = x.inspection;
  out = put_field<Field::waf_mode>(out, found.mode);
  if (!found.findings.empty()) {
    out = put_rules(out, found.findings);
    std::size_t limit = description(Field::waf_matches).limit;
    out = put_field<Field::waf_matches>(out, findings_text(found.findings, masked, limit, x.arena));
  }
  if (found.inbound_score != 0) {
    out = put_count<Field::waf_score>(out, found.inbound_score);
  }
  if (found.outbound_score != 0) {
    out = put_count<Field::waf_outbound_score>(out, found.outbound_score);
  }
  if (!found.request_cut && !found.response_cut) return out;
  std::string_view cut = found.request_cut ? "request" : "response";
  if (found.request_cut && found.response_cut) cut = "both";
  return put_field<Field::waf_cut>(out, cut);
}

char* put_way(char* out, const Exchange& x, const LogContext& context) {
  std::memcpy(out, context.notes->log.data(), context.notes->log.size());
  out += context.notes->log.size();
  if (context.policies_ns != 0) out = put_count<Field::policies>(out, context.policies_ns);
  if (!x.upstream.name.empty()) {
    out = put_field<Field::upstream>(out, x.upstream.name);
    out = put_field_if<Field::destination>(out, x.upstream.endpoint);
    if (x.upstream.status != x.response.status && x.upstream.status != 0) {
      out = put_count<Field::upstream_status>(out, x.upstream.status);
    }
    out = put_count<Field::upstream_duration>(out, context.upstream_ns);
    if (x.upstream.retries != 0) out = put_count<Field::retries>(out, x.upstream.retries);
  }
  out = put_field_if<Field::monitored>(out, monitored(x));
  if (!x.inspection.mode.empty()) out = put_inspection(out, x, *context.masked);
  return put_field_if<Field::detail>(out, x.detail);
}

}  // namespace

std::span<const LogFieldDescription> access_log_fields() { return kFields; }

std::string access_log_route_part(const RouteNames& names, std::uint64_t revision) {
  std::string part(LogBuffer::kLongestLine, '\0');
  char* out = part.data();
  if (!names.api.empty()) {
    out = put_field<Field::api>(out, names.api);
    out = put_field<Field::route>(out, names.route);
  }
  out = put_count<Field::revision>(out, revision);
  return {part.data(), out};
}

void AccessLog::record(const Exchange& x, const LogContext& context) {
  if (sink_ == nullptr || !sink_->on()) return;
  if (buffer_.bytes == nullptr) sink_->submit(buffer_);
  char* begin = buffer_.bytes.get() + buffer_.size;
  char* end = format(begin, x, context);
  buffer_.size += static_cast<std::size_t>(end - begin);
  ++buffer_.lines;
  if (buffer_.size >= LogBuffer::kFull) sink_->submit(buffer_);
}

char* AccessLog::put_time(char* out, std::int64_t unix_milliseconds) {
  std::int64_t second = unix_milliseconds / 1000;
  if (second != second_) {
    write_rfc3339(second_text_.data(), second * 1000);
    second_ = second;
  }
  std::memcpy(out, second_text_.data(), second_text_.size());
  auto ms = static_cast<unsigned>(unix_milliseconds - second * 1000);
  out[20] = static_cast<char>('0' + ms / 100);
  out[21] = static_cast<char>('0' + ms / 10 % 10);
  out[22] = static_cast<char>('0' + ms % 10);
  return out + second_text_.size();
}

char* AccessLog::format(char* out, const Exchange& x, const LogContext& context) {
  char* const begin = out;
  out = begin_field<Field::timestamp>(out);
  out = put_time(out, context.ended);
  *out++ = '"';
  out = put_begin(out, x);
  out = put_number(out, context.total_ns);
  out = put_outcome(out, x);
  out = put_id<Field::request_id>(out, x.request_id);
  out = put_id<Field::trace_id>(out, x.trace_id);
  out = put_id<Field::span_id>(out, x.span_id);
  out = put_client(out, x);
  out = put_exchange(out, x, context);
  out = put_way(out, x, context);
  *begin = '{';  // in place of the first comma
  *out++ = '}';
  *out++ = '\n';
  return out;
}

}  // namespace sallyport::telemetry
