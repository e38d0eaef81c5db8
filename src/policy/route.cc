// Path templates: checked when the configuration is read, so that matching need not doubt them.
#include "policy/route.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/arena.h"
#include "http/uri.h"

namespace sallyport {
namespace {

constexpr std::size_t kMaxParameters = 8;

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_parameter_name(std::string_view name) {
  if (name.empty() || !(is_letter(name.front()) || name.front() == '_')) return false;
  return std::ranges::all_of(
      name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

// Requests are matched in normalised form, so another spelling would never match.
std::string literal_fault(std::string_view segment) {
  std::array<std::byte, 512> memory;
  Arena arena(memory);
  std::string path = "/" + std::string(segment);
  Result<http::Target> target = http::parse_target(path, false, false, arena);
  std::string quoted = "'" + std::string(segment) + "'";
  if (!target) return quoted + " may not stand in a path";
  if (target->has_query) return quoted + " holds a '?': routes look at the path only";
  if (target->path != path) {
    return quoted + " is never matched: requests spell it '" + std::string(target->path.substr(1)) +
           "'";
  }
  return {};
}

std::string parameter_fault(std::string_view name, const PathTemplate& so_far) {
  std::string quoted = "'{" + std::string(name) + "}'";
  if (!is_parameter_name(name)) {
    return quoted + " is no parameter: its name is made of letters, digits, '_' and '-'";
  }
  std::size_t count = 0;
  for (const PathTemplate::Segment& other : so_far.segments) {
    if (!other.parameter) continue;
    ++count;
    if (other.text == name) return quoted + " is there twice";
  }
  if (count == kMaxParameters) return "has more than 8 parameters";
  return {};
}

}  // namespace

std::optional<PathTemplate> PathTemplate::parse(std::string_view text, std::string* error) {
  auto fail = [&](std::string why) -> std::optional<PathTemplate> {
    if (error != nullptr) *error = std::move(why);
    return std::nullopt;
  };
  if (!text.starts_with('/')) return fail("must start with '/'");

  PathTemplate out;
  out.text = text;
  std::string_view rest = text.substr(1);
  for (bool last = false; !last;) {
    std::size_t slash = rest.find('/');
    last = slash == std::string_view::npos;
    std::string_view segment = rest.substr(0, slash);
    if (!last) rest.remove_prefix(slash + 1);

    if (segment == "*" && last) {
      out.prefix = true;
      break;
    }
    if (segment == "*") return fail("'*' may only be the last segment");
    if (segment.empty() && !last) return fail("has an empty segment ('//')");
    if (segment.find_first_of("{}") == std::string_view::npos) {
      if (std::string fault = literal_fault(segment); !fault.empty()) return fail(fault);
      out.segments.push_back({.text = std::string(segment), .parameter = false});
      continue;
    }
    if (!segment.starts_with('{') || segment.find_first_of("{}", 1) != segment.size() - 1) {
      return fail("'" + std::string(segment) + "': a parameter must be a whole segment");
    }
    std::string_view name = segment.substr(1, segment.size() - 2);
    if (std::string fault = parameter_fault(name, out); !fault.empty()) return fail(fault);
    out.segments.push_back({.text = std::string(name), .parameter = true});
  }
  return out;
}

}  // namespace sallyport
