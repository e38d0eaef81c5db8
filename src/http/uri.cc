// Request targets and authorities. A path that needs no change is only looked at; any other is
// rewritten once, decoding first, so that dot segments cannot hide behind escapes.
#include "http/uri.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/text.h"
#include "http/address.h"
#include "http/chars.h"
#include "http/reasons.h"
#include "http/scan.h"

namespace sallyport::http {
namespace {

// A path that stays as it is ends at `end` ("?" or the end of the target); anything else has to be
// looked at by `normalise`.
struct Glance {
  const char* end;
  bool plain;
};

// `p` points to the slash in front.
Glance glance_at_path(const char* p, const char* end, bool merge_slashes) {
  for (++p; p != end; ++p) {
    p = skip_usual_in_path(p, end);
    while (p != end && is(*p, kPathChar) && *p != '/') ++p;
    if (p == end) break;
    bool behind_slash = p[-1] == '/';
    if (*p == '/' && !(behind_slash && merge_slashes)) continue;
    if (*p == '.' && !behind_slash) continue;
    return {.end = p, .plain = *p == '?'};
  }
  return {.end = p, .plain = true};
}

const Reason& reason_for_character(char c) {
  return c == '#' ? reasons::kFragmentInTarget : reasons::kBadTargetCharacter;
}

bool is_escape(const char* p, const char* end) {
  return end - p >= 3 && is(p[1], kHexDigit) && is(p[2], kHexDigit);
}

// Checks the path and decodes what need not be encoded. `out` holds as many bytes as the path.
// Returns the end of what was written, or null with a reason.
char* decode_path(std::string_view path, char* out, const Reason*& reason) {
  const char* end = path.data() + path.size();
  for (const char* p = path.data(); p != end; ++p) {
    if (is(*p, kPathChar) || *p == '.') {
      *out++ = *p;
      continue;
    }
    if (*p != '%') {
      reason = &reason_for_character(*p);
      return nullptr;
    }
    if (!is_escape(p, end)) {
      reason = &reasons::kBadPercentEscape;
      return nullptr;
    }
    unsigned value = hex_value(p[1]) * 16 + hex_value(p[2]);
    if (value == '/' || value == '\\') {
      reason = &reasons::kEncodedSeparator;
      return nullptr;
    }
    if (value < 0x20 || value == 0x7F) {
      reason = &reasons::kEncodedControl;
      return nullptr;
    }
    if (is(static_cast<char>(value), kUnreservedChar)) {
      *out++ = static_cast<char>(value);
    } else {
      static constexpr char kHex[] = "0123456789ABCDEF";
      *out++ = '%';
      *out++ = kHex[value >> 4];
      *out++ = kHex[value & 15];
    }
    p += 2;
  }
  return out;
}

// Some servers cut parameters off a segment before they look for dots.
bool is_dot_segment_with_parameter(std::string_view segment) {
  if (!segment.starts_with('.')) return false;
  segment.remove_prefix(segment.starts_with("..") ? 2 : 1);
  return segment.starts_with(';') || segment.starts_with("%3B");
}

// Removes dot segments (and empty ones when asked) in place (RFC 3986 5.2.4). `path` starts with
// "/". Returns the new size, or 0 with a reason.
std::size_t remove_segments(char* path, std::size_t size, bool merge_slashes,
                            const Reason*& reason) {
  std::size_t written = 0;
  for (std::size_t begin = 0; begin < size;) {
    std::string_view rest(path + begin + 1, size - begin - 1);
    std::string_view segment = rest.substr(0, rest.find('/'));
    bool last = segment.size() == rest.size();
    begin += 1 + segment.size();
    if (is_dot_segment_with_parameter(segment)) {
      reason = &reasons::kDotSegmentParameter;
      return 0;
    }
    if (segment == "..") {
      if (written == 0) {
        reason = &reasons::kPathAboveRoot;
        return 0;
      }
      while (path[--written] != '/') {
      }
    }
    bool dots = segment == "." || segment == "..";
    if (dots || (merge_slashes && segment.empty())) {
      if (last) path[written++] = '/';
      continue;
    }
    path[written] = '/';
    std::memmove(path + written + 1, segment.data(), segment.size());
    written += 1 + segment.size();
  }
  return written;
}

// Returns null and fills `out`, or the reason to refuse.
const Reason* normalise(std::string_view path, bool merge_slashes, Arena& arena,
                        std::string_view& out) {
  const Reason* reason = nullptr;
  char* copy = arena.chars(path.size());
  char* end = decode_path(path, copy, reason);
  if (end == nullptr) return reason;
  std::size_t size =
      remove_segments(copy, static_cast<std::size_t>(end - copy), merge_slashes, reason);
  out = {copy, size};
  return reason;
}

// Null if `query` is well formed.
const Reason* check_query(std::string_view query) {
  const char* end = query.data() + query.size();
  for (const char* p = query.data(); p != end; ++p) {
    if (is(*p, kQueryChar)) continue;
    if (*p != '%') return &reason_for_character(*p);
    if (!is_escape(p, end)) return &reasons::kBadPercentEscape;
    p += 2;
  }
  return nullptr;
}

// Fills path and query from what starts with "/". Returns null or the reason to refuse.
const Reason* parse_origin_form(std::string_view text, bool merge_slashes, Arena& arena,
                                Target& out) {
  const char* end = text.data() + text.size();
  Glance glance = glance_at_path(text.data(), end, merge_slashes);
  if (glance.plain) {
    out.path = {text.data(), static_cast<std::size_t>(glance.end - text.data())};
  } else {
    std::string_view path = text.substr(0, text.find('?'));
    if (const Reason* reason = normalise(path, merge_slashes, arena, out.path)) return reason;
    glance.end = path.data() + path.size();
  }
  if (glance.end == end) return nullptr;
  out.has_query = true;
  out.query = {glance.end + 1, static_cast<std::size_t>(end - glance.end - 1)};
  return check_query(out.query);
}

// The length of "http://" or "https://" in front of `target`, 0 for anything else.
std::size_t scheme_size(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (text::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

Result<Target> parse_absolute_form(std::string_view target, std::size_t scheme, bool options,
                                   bool merge_slashes, Arena& arena) {
  Target out;
  out.absolute = true;
  out.https = scheme == 8;
  std::string_view rest = target.substr(scheme);
  std::size_t authority_size = std::min(rest.find_first_of("/?"), rest.size());
  Result<Authority> authority = parse_authority(rest.substr(0, authority_size), arena);
  if (!authority) return stop(authority);
  out.authority = authority->text;
  out.host = authority->host;
  out.port =
      authority->has_port ? authority->port : static_cast<std::uint16_t>(out.https ? 443 : 80);
  rest.remove_prefix(authority_size);
  if (rest.empty()) {
    out.path = options ? "*" : "/";
    return out;
  }
  if (rest.front() == '?') {
    out.path = "/";
    out.has_query = true;
    out.query = rest.substr(1);
    if (const Reason* reason = check_query(out.query)) return stop(*reason, std::string(target));
    return out;
  }
  if (const Reason* reason = parse_origin_form(rest, merge_slashes, arena, out)) {
    return stop(*reason, std::string(target));
  }
  return out;
}

// Digits only; at most five, so that zeros in front cannot be endless.
bool parse_port(std::string_view text, std::uint16_t& port) {
  if (text.empty() || text.size() > 5) return false;
  unsigned value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  port = static_cast<std::uint16_t>(value);
  return value <= 0xFFFF;
}

// Length of the address literal in front of `text`, brackets included; 0 if it is none.
std::size_t literal_size(std::string_view text) {
  std::size_t close = text.find(']');
  if (close == std::string_view::npos) return 0;
  std::string_view literal = text.substr(1, close - 1);
  bool is_v6 = literal.find(':') != std::string_view::npos && net::Address::parse(literal);
  return is_v6 ? close + 1 : 0;
}

// Length of the name in front of `text`.
std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is(text[size], kHostChar)) ++size;
  return size;
}

std::string_view lower_case(std::string_view text, Arena& arena) {
  unsigned upper = 0;
  for (char c : text) upper |= static_cast<unsigned>(c >= 'A' && c <= 'Z');
  if (upper == 0) return text;
  char* copy = arena.chars(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) copy[i] = text::lower(text[i]);
  return {copy, text.size()};
}

}  // namespace

Result<Target> parse_target(std::string_view target, bool options, bool merge_slashes,
                            Arena& arena) {
  if (target.starts_with('/')) {
    Target out;
    const Reason* reason = parse_origin_form(target, merge_slashes, arena, out);
    if (reason != nullptr) return stop(*reason, std::string(target));
    return out;
  }
  if (options && target == "*") {
    Target out;
    out.path = target;
    return out;
  }
  if (std::size_t scheme = scheme_size(target); scheme != 0) {
    return parse_absolute_form(target, scheme, options, merge_slashes, arena);
  }
  return stop(reasons::kBadTarget, std::string(target));
}

Result<Authority> parse_authority(std::string_view text, Arena& arena) {
  Authority out;
  std::size_t size = text.starts_with('[') ? literal_size(text) : name_size(text);
  bool valid = size != 0;
  if (valid && size != text.size()) {
    out.has_port = true;
    valid = text[size] == ':' && parse_port(text.substr(size + 1), out.port);
  }
  if (!valid) return stop(reasons::kBadHost, std::string(text));
  out.text = lower_case(text, arena);
  out.host = out.text.substr(0, size);
  return out;
}

}  // namespace sallyport::http
