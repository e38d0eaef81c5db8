// Request heads: the request line, Host, and what the header section means for a request.
#include <algorithm>
#include <cstring>
#include <string>

#include "base/text.h"
#include "http/chars.h"
#include "http/head_parser.h"
#include "http/header_section.h"
#include "http/reasons.h"
#include "http/scan.h"
#include "http/uri.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kQuoted = 120;  // bytes of a request that a detail may quote

std::unexpected<Stop> refuse(const Reason& reason, std::string_view where) {
  return stop(reason, std::string(where.substr(0, kQuoted)));
}

struct RequestLine {
  std::string_view method;
  std::string_view target;
  Version version = Version::http_1_1;
  const char* end = nullptr;  // behind its CRLF
};

constexpr char kTlsHandshake = 0x16;  // first byte of a TLS connection (RFC 8446 5.1)

// Reads a method and the space behind it; `p` then points behind that. At the end of the bytes the
// method may still go on, which is for the caller to judge: `p` is `end`.
const Reason* parse_method(const char*& p, const char* end, std::string_view& method) {
  const char* begin = p;
  while (p != end && is(*p, kMethodChar)) ++p;
  method = {begin, static_cast<std::size_t>(p - begin)};
  if (p == end) return nullptr;
  if (*p == ' ' && p != begin) {
    ++p;
    return nullptr;
  }
  return *begin == kTlsHandshake ? &reasons::kTlsOnPlainPort : &reasons::kBadMethod;
}

// "HTTP/d.d" CRLF at `p`.
const Reason* parse_version(const char* p, const char* end, RequestLine& out) {
  if (end - p < 9 || std::memcmp(p, "HTTP/", 5) != 0) return &reasons::kBadVersion;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(p[5]) || p[6] != '.' || !digit(p[7])) return &reasons::kBadVersion;
  if (end - p < 10 || p[8] != '\r' || p[9] != '\n') {
    return p[8] == '\r' || p[8] == '\n' ? &reasons::kBadLineEnd : &reasons::kBadVersion;
  }
  if (p[5] != '1') return &reasons::kVersionNotSupported;
  out.version = p[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  out.end = p + 10;
  return nullptr;
}

// RFC 9112 3, with exactly one space where the grammar has one.
const Reason* parse_request_line(const char* p, const char* end, const Limits& limits,
                                 RequestLine& out) {
  const char* begin = p;
  if (const Reason* reason = parse_method(p, end, out.method)) return reason;
  const char* target_end = find_space(p, end);
  out.target = {p, static_cast<std::size_t>(target_end - p)};
  // The version and the spaces around the target take 10 bytes.
  if (static_cast<std::size_t>(target_end - begin) + 9 > limits.request_line) {
    return &reasons::kTargetTooLong;
  }
  if (out.target.empty() || target_end == end) return &reasons::kBadRequestLine;
  if (*target_end == '\r' || *target_end == '\n') return &reasons::kBadRequestLine;
  if (*target_end != ' ') return &reasons::kBadTargetCharacter;
  return parse_version(target_end + 1, end, out);
}

// Skips empty lines; null and a reason if there are too many.
const Reason* skip_empty_lines(const char*& p, const char* end) {
  for (int lines = 0; end - p >= 2 && p[0] == '\r' && p[1] == '\n'; p += 2) {
    if (++lines > kMostEmptyLines) return &reasons::kEmptyLines;
  }
  return nullptr;
}

bool is_refused_method(std::string_view method) {
  return method == "CONNECT" || method == "TRACE" || method == "TRACK";
}

// Whether an absolute target and Host name the same place.
bool agree(const Target& target, const Authority& host) {
  std::uint16_t own = target.https ? 443 : 80;
  return target.host == host.host && target.port == (host.has_port ? host.port : own);
}

// Fills host and authority of the request from Host and target (RFC 9112 3.2, 3.3).
Result<Done> read_host(HeaderSection& section, const Target& target, Arena& arena, Request& out) {
  if (!section.has(HeaderId::host)) {
    if (out.version != Version::http_1_0) return stop(reasons::kMissingHost);
    out.host = target.host;
    out.authority = target.authority;
    return Done{};
  }
  Result<Authority> host = parse_authority(section.value(HeaderId::host), arena);
  if (!host) return stop(host);
  if (target.absolute && !agree(target, *host)) {
    return stop(reasons::kHostMismatch,
                std::string(target.authority) + " and " + std::string(host->text));
  }
  out.host = host->host;
  out.authority = host->text;
  return Done{};
}

Result<Done> read_body_framing(HeaderSection& section, ParsedRequest& out) {
  HeaderSection::Body body{};
  std::uint64_t length = 0;
  bool http_1_0 = out.request.version == Version::http_1_0;
  if (const Reason* reason = section.read_framing(http_1_0, body, length)) {
    return refuse(*reason, section.where());
  }
  out.framing = Framing::none;
  out.request.content_length.reset();
  if (body == HeaderSection::Body::chunked) {
    out.framing = Framing::chunked;
    return Done{};
  }
  section.remove(HeaderId::trailer);
  if (body == HeaderSection::Body::length_field) {
    out.request.content_length = length;
    if (length != 0) out.framing = Framing::length;
  }
  return Done{};
}

// Expect, Connection and Upgrade. HTTP/1.0 has no expectations and no upgrades.
Result<Done> read_hop(HeaderSection& section, ParsedRequest& out) {
  Request& request = out.request;
  bool http_1_0 = request.version == Version::http_1_0;
  request.keep_alive = !section.says_close() && (!http_1_0 || section.says_keep_alive());
  request.expects_continue = false;
  request.upgrade_websocket = false;
  if (http_1_0) return Done{};
  if (section.has(HeaderId::expect)) {
    std::string_view expect = section.value(HeaderId::expect);
    if (!text::equals_ignoring_case(expect, "100-continue")) {
      return refuse(reasons::kExpectationFailed, expect);
    }
    request.expects_continue = out.framing != Framing::none;
  }
  request.upgrade_websocket = request.method_id == Method::get && out.framing == Framing::none &&
                              section.has(HeaderId::upgrade) && section.asks_for_websocket();
  return Done{};
}

}  // namespace

Result<Done> parse_request(std::string_view head, const Limits& limits, Underscores underscores,
                           bool merge_slashes, Arena& arena, ParsedRequest& out) {
  const char* p = head.data();
  const char* end = p + head.size();
  RequestLine line;
  const Reason* reason = skip_empty_lines(p, end);
  if (reason == nullptr) reason = parse_request_line(p, end, limits, line);
  if (reason != nullptr) return refuse(*reason, {p, static_cast<std::size_t>(end - p)});

  Request& request = out.request;
  request.method = line.method;
  request.target = line.target;
  request.method_id = method_id(line.method);
  request.version = line.version;
  if (request.method_id == Method::other && is_refused_method(line.method)) {
    return refuse(reasons::kMethodRefused, line.method);
  }

  HeaderSection section(HeaderSection::Of::request, limits, arena);
  reason = section.parse({line.end, static_cast<std::size_t>(end - line.end)}, underscores);
  if (reason != nullptr) return refuse(*reason, section.where());

  Result<Target> target =
      parse_target(line.target, request.method_id == Method::options, merge_slashes, arena);
  if (!target) return stop(target);
  request.path = target->path;
  request.query = target->query;
  request.has_query = target->has_query;

  Result<Done> host = read_host(section, *target, arena, request);
  if (!host) return host;
  Result<Done> framing = read_body_framing(section, out);
  if (!framing) return framing;
  Result<Done> hop = read_hop(section, out);
  if (!hop) return hop;
  section.move_to(request.headers);
  return Done{};
}

Result<Done> check_incomplete_request(std::string_view bytes, const Limits& limits) {
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  if (const Reason* reason = skip_empty_lines(p, end)) return refuse(*reason, bytes);
  if (p == end || (end - p == 1 && *p == '\r')) return Done{};

  auto size = static_cast<std::size_t>(end - p);
  std::size_t first_line = std::min(size, limits.request_line + 2);
  const void* feed = std::memchr(p, '\n', first_line);
  if (feed == nullptr) {
    if (size >= limits.request_line + 2) return refuse(reasons::kTargetTooLong, {p, size});
    std::string_view method;
    const char* at = p;
    if (const Reason* reason = parse_method(at, end, method)) return refuse(*reason, {p, size});
    return Done{};
  }
  RequestLine line;
  if (const Reason* reason = parse_request_line(p, end, limits, line)) {
    return refuse(*reason, {p, size});
  }
  if (static_cast<std::size_t>(end - line.end) > limits.header_bytes + 2) {
    return refuse(reasons::kHeadTooLarge, {});
  }
  return Done{};
}

}  // namespace sallyport::http
