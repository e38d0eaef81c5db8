// See facts.h.
#include "policies/authorize/facts.h"

#include <cstddef>

#include "base/text.h"
#include "http/encoded_text.h"

namespace sallyport::policies::authorize_detail {
namespace {

bool fits_path(const PathTemplate& path, std::string_view rest,
               std::array<std::string_view, 8>& parameters) {
  std::size_t parameter = 0;
  for (std::size_t i = 0; i < path.segments.size(); ++i) {
    const PathTemplate::Segment& wanted = path.segments[i];
    // "/orders/*" is about "/orders" too.
    if (path.prefix && i + 1 == path.segments.size() && wanted.text.empty()) break;
    if (rest.empty()) return false;
    const std::size_t slash = rest.find('/', 1);
    const std::string_view segment =
        rest.substr(1, slash == std::string_view::npos ? slash : slash - 1);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (wanted.parameter) {
      if (segment.empty()) return false;
      parameters.at(parameter++) = segment;
    } else if (segment != wanted.text) {
      return false;
    }
  }
  return path.prefix || rest.empty();
}

}  // namespace

bool Facts::fits(const PathTemplate* path) {
  path_ = path;
  if (path == nullptr) return true;
  const std::string_view asked = x_.request.path;
  // "*" of OPTIONS is below every path.
  if (!asked.starts_with('/')) return path->prefix && path->segments.empty();
  return fits_path(*path, asked, parameters_);
}

Value Facts::path_parameter(std::string_view name) const {
  const PathTemplate* path = path_;
  if (path == nullptr && x_.route != nullptr) path = &x_.route->path;
  if (path == nullptr) return std::monostate();
  std::size_t i = 0;
  for (const PathTemplate::Segment& segment : path->segments) {
    if (!segment.parameter) continue;
    if (segment.text == name) {
      const auto& values = path_ == nullptr ? x_.path_parameters : parameters_;
      return value_of(decoded(values.at(i), false));
    }
    ++i;
  }
  return std::monostate();
}

Found Facts::query_parameter(std::string_view name) const {
  Found found;
  bool seen = false;
  for (std::string_view rest = x_.request.query; !rest.empty();) {
    const std::size_t end = rest.find('&');
    const std::string_view one = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t equals = one.find('=');
    if (!http::is_written(one.substr(0, equals), name)) continue;
    if (seen) return {.value = {}, .repeated = true};
    seen = true;
    if (equals != std::string_view::npos) found.value = decoded(one.substr(equals + 1), true);
  }
  return found;
}

Found Facts::header(std::string_view name) const {
  Found found;
  bool seen = false;
  for (const http::Field& field : x_.request.headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
    if (seen) return {.value = {}, .repeated = true};
    seen = true;
    found.value = field.value();
  }
  return found;
}

std::string_view Facts::decoded(std::string_view text, bool form) const {
  if (text.find('%') == std::string_view::npos &&
      (!form || text.find('+') == std::string_view::npos)) {
    return text;
  }
  char* const out = x_.arena.chars(text.size());
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const http::EncodedByte byte = http::encoded_byte(text, at, form);
    out[size++] = byte.value;
    at += byte.written;
  }
  return {out, size};
}

}  // namespace sallyport::policies::authorize_detail
