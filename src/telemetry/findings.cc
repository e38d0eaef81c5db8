#include "telemetry/findings.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::telemetry {
namespace {

constexpr std::size_t kLongestValue = 100;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string_view shown_value(const Finding& finding, const MaskedNames& masked) {
  static constexpr std::array<std::string_view, 4> kNamed{"ARGS", "ARGS_GET", "ARGS_POST", "FILES"};
  // What the log shows anyway.
  static constexpr std::array<std::string_view, 7> kOpen{
      "ARGS_NAMES",       "ARGS_GET_NAMES",   "ARGS_POST_NAMES", "REQUEST_FILENAME",
      "REQUEST_BASENAME", "REQUEST_PROTOCOL", "REQUEST_METHOD"};
  std::size_t colon = finding.variable.find(':');
  std::string_view collection = finding.variable.substr(0, colon);
  if (is_one_of(collection, kOpen)) return finding.value;
  if (colon == std::string_view::npos) return finding.value.empty() ? finding.value : kMask;
  std::string_view name = finding.variable.substr(colon + 1);
  if (is_one_of(collection, kNamed) && !masked.masks_parameter(name)) return finding.value;
  if (collection == "TX" && is_number(finding.value)) return finding.value;  // a score
  return finding.value.empty() ? finding.value : kMask;
}

std::string_view findings_text(std::span<const Finding> findings, const MaskedNames& masked,
                               std::size_t limit, Arena& arena) {
  std::string text;
  for (const Finding& finding : findings) {
    if (text.size() > limit) break;
    if (!text.empty()) text += "; ";
    text += std::to_string(finding.rule);
    if (finding.variable.empty()) continue;
    text.append(1, ' ').append(finding.variable.substr(0, kLongestValue));
    std::string_view value = shown_value(finding, masked);
    text.append(1, '=').append(value.substr(0, kLongestValue));
    if (value.size() > kLongestValue) text += "...";
  }
  return arena.copy(text);
}

}  // namespace sallyport::telemetry
