// Response heads: the status line, and what the header section means for a response.
#include <cstring>
#include <string>

#include "http/head_parser.h"
#include "http/header_section.h"
#include "http/reasons.h"
#include "http/scan.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kQuoted = 120;  // bytes of a response that a detail may quote

std::unexpected<Stop> refuse(const Reason& reason, std::string_view where) {
  return stop(reason, std::string(where.substr(0, kQuoted)));
}

struct StatusLine {
  std::uint16_t status = 0;
  bool http_1_0 = false;
  const char* end = nullptr;  // behind its CRLF
};

// RFC 9112 4. The space before an absent reason phrase may be missing: several servers leave it
// out, and nothing can be read differently for it.
bool parse_status_line(std::string_view head, const Limits& limits, StatusLine& out) {
  const char* p = head.data();
  const char* end = p + head.size();
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (end - p < 14 || std::memcmp(p, "HTTP/1.", 7) != 0 || !digit(p[7]) || p[8] != ' ') {
    return false;
  }
  if (p[9] < '1' || p[9] > '5' || !digit(p[10]) || !digit(p[11])) return false;
  const char* line_end = find_control(p + 12, end, p);
  if (line_end != p + 12 && p[12] != ' ') return false;
  if (end - line_end < 2 || line_end[0] != '\r' || line_end[1] != '\n') return false;
  if (static_cast<std::size_t>(line_end - p) > limits.request_line) return false;
  out.http_1_0 = p[7] == '0';
  out.status = static_cast<std::uint16_t>((p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
  out.end = line_end + 2;
  return true;
}

bool never_has_body(std::uint16_t status) { return status < 200 || status == 204 || status == 304; }

// RFC 9112 6.3, for what the framing fields announce.
void choose_framing(HeaderSection& section, HeaderSection::Body body, std::uint64_t length,
                    Method request_method, ParsedResponse& out) {
  using enum HeaderSection::Body;
  std::uint16_t status = out.response.status;
  if (never_has_body(status) || request_method == Method::head) {
    out.framing = Framing::none;
    if (status < 200 || status == 204) {
      // Bytes that may follow would be taken for the next response.
      if (body == chunked || (body == length_field && length != 0)) out.keep_alive = false;
      section.remove(HeaderId::content_length);
    }
    return;
  }
  switch (body) {
    case unsaid:
      out.framing = Framing::until_close;
      out.keep_alive = false;
      break;
    case length_field:
      out.framing = length != 0 ? Framing::length : Framing::none;
      out.response.content_length = length;
      break;
    case chunked:
      out.framing = Framing::chunked;
      break;
  }
}

}  // namespace

Result<Done> parse_response(std::string_view head, Method request_method, const Limits& limits,
                            Arena& arena, ParsedResponse& out) {
  StatusLine line;
  if (!parse_status_line(head, limits, line)) return refuse(reasons::kBadStatusLine, head);

  HeaderSection section(HeaderSection::Of::response, limits, arena);
  const char* end = head.data() + head.size();
  // Names with underscores are the upstream's own business.
  const Reason* reason =
      section.parse({line.end, static_cast<std::size_t>(end - line.end)}, Underscores::allow);
  if (reason != nullptr) return refuse(*reason, section.where());
  HeaderSection::Body body{};
  std::uint64_t length = 0;
  reason = section.read_framing(line.http_1_0, body, length);
  if (reason != nullptr) return refuse(*reason, section.where());

  out.response.status = line.status;
  out.response.content_length.reset();
  out.keep_alive = !section.says_close() && (!line.http_1_0 || section.says_keep_alive());
  choose_framing(section, body, length, request_method, out);
  if (out.framing != Framing::chunked) section.remove(HeaderId::trailer);
  out.upgrade = line.status == 101 && !line.http_1_0 && section.asks_for_websocket();
  section.move_to(out.response.headers);
  return Done{};
}

}  // namespace sallyport::http
