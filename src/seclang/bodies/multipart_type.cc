// The Content-Type of a multipart body: the checks of ModSecurity 3, which are far stricter than
// RFC 2046 and in their own order, because rules look at what each of them finds.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "seclang/bodies/multipart_parts.h"
#include "seclang/characters.h"

namespace sallyport::seclang {
namespace {

constexpr std::string_view kMimeType = "multipart/form-data";
constexpr std::string_view kParameter = "boundary";
constexpr std::size_t kLongestHeader = 1024;
constexpr std::string_view kEmpty = "Multipart: Invalid boundary in C-T (empty).";

// How often a parameter "boundary" may be meant, whatever its case.
std::size_t count_boundary_parameters(std::string_view header) {
  const std::string lower = text::to_lower(header);
  const std::size_t last_equals = lower.rfind('=');
  if (last_equals == std::string::npos) return 0;
  std::size_t count = 0;
  for (std::size_t at = lower.find(kParameter); at != std::string::npos;
       at = lower.find(kParameter, at + kParameter.size())) {
    if (at + kParameter.size() <= last_equals) ++count;
  }
  return count;
}

// The characters of RFC 2046; a space may not be the last one.
bool valid_boundary(std::string_view boundary) {
  if (boundary.ends_with(' ')) return false;
  return std::ranges::all_of(boundary, [](char c) {
    return is_alphanumeric(c) ||
           std::string_view(" '()+_,-./:=?").find(c) != std::string_view::npos;
  });
}

MultipartType refuse(MultipartType type, std::string_view error) {
  type.boundary = {};
  type.error = error;
  return type;
}

}  // namespace

MultipartType read_multipart_type(std::string_view content_type) {
  MultipartType type;
  if (content_type.empty()) return refuse(type, "Multipart: Content-Type header not available.");
  if (content_type.size() > kLongestHeader) {
    return refuse(type, "Multipart: Invalid boundary in C-T (length).");
  }
  const std::string_view header = content_type.substr(0, content_type.find('\0'));
  if (!text::equals_ignoring_case(header.substr(0, kMimeType.size()), kMimeType)) {
    return refuse(type, "Multipart: Invalid MIME type.");
  }
  const std::size_t parameters = count_boundary_parameters(header);
  if (parameters > 1) return refuse(type, "Multipart: Multiple boundary parameters in C-T.");

  const std::size_t start = header.find(kParameter);
  if (start == std::string_view::npos) {
    return refuse(type, parameters > 0 ? "Multipart: Invalid boundary in C-T (case sensitivity)."
                                       : "Multipart: Boundary not found in C-T.");
  }

  bool semicolon = false;
  for (char c : header.substr(kMimeType.size(), start - kMimeType.size())) {
    if (is_space(c)) continue;
    if (semicolon || c != ';') {
      return refuse(type, "Multipart: Invalid boundary in C-T (malformed).");
    }
    semicolon = true;
  }
  type.missing_semicolon = !semicolon;

  const std::size_t equals = header.find('=', start);
  if (equals == std::string_view::npos) {
    return refuse(type, "Multipart: Invalid boundary in C-T (malformed).");
  }
  const std::size_t name_end = start + kParameter.size();
  for (char c : header.substr(name_end, equals - name_end)) {
    if (!is_space(c)) return refuse(type, "Multipart: Invalid boundary in C-T (parameter name).");
    type.whitespace = true;
  }

  std::string_view value = header.substr(equals + 1);
  if (!value.empty() && is_space(value.front())) type.whitespace = true;
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    type.quoted = true;
    value = value.substr(1, value.size() - 2);
  } else if (value.starts_with('"') || (value.size() >= 2 && value.ends_with('"'))) {
    return refuse(type, "Multipart: Invalid boundary in C-T (quote).");
  }
  // ModSecurity 3.0.9 gives up without an error here, and lets the body pass unread.
  if (value.empty()) return refuse(type, kEmpty);
  if (count_boundary_parameters(value) != 0) {
    return refuse(type, "Multipart: Invalid boundary in C-T (content).");
  }
  // Some clients write a charset behind the boundary; ModSecurity bears with them.
  if (!valid_boundary(value)) {
    const std::size_t semicolon_behind = value.find(';');
    type.parameter_behind = semicolon_behind != std::string_view::npos;
    value = value.substr(0, semicolon_behind);
  }
  if (!valid_boundary(value)) {
    return refuse(type, "Multipart: Invalid boundary in C-T (characters).");
  }
  if (value.empty()) return refuse(type, kEmpty);
  type.boundary = value;
  return type;
}

}  // namespace sallyport::seclang
