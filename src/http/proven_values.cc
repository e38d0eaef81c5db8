#include "http/proven_values.h"

#include "base/text.h"

namespace sallyport::http {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letter by letter: 'd' stands for a digit, 'h' for a hexadecimal one, all else for itself.
bool is_like(std::string_view text, std::string_view form) {
  return std::ranges::equal(text, form, [](char c, char like) {
    if (like == 'd') return is_digit(c);
    if (like == 'h') return text::hex_digit(c) >= 0;
    return c == like;
  });
}

bool is_integer(std::string_view text) {
  constexpr std::size_t kMostDigits = 19;
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= kMostDigits && std::ranges::all_of(text, is_digit);
}

bool is_date(std::string_view text) {
  constexpr std::string_view kDay = "dddd-dd-dd";
  constexpr std::string_view kTime = "Tdd:dd:dd";
  constexpr std::size_t kMostFraction = 9;
  if (!is_like(text.substr(0, kDay.size()), kDay)) return false;
  text.remove_prefix(kDay.size());
  if (text.empty()) return true;
  if (!is_like(text.substr(0, kTime.size()), kTime)) return false;
  text.remove_prefix(kTime.size());
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    auto end = std::ranges::find_if_not(text, is_digit);
    auto digits = static_cast<std::size_t>(end - text.begin());
    if (digits == 0 || digits > kMostFraction) return false;
    text.remove_prefix(digits);
  }
  return text == "Z" || is_like(text, "+dd:dd") || is_like(text, "-dd:dd");
}

}  // namespace

bool has_form(std::string_view text, ValueKind kind) {
  switch (kind) {
    case ValueKind::uuid:
      return is_like(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh");
    case ValueKind::integer:
      return is_integer(text);
    case ValueKind::boolean:
      return text == "true" || text == "false";
    case ValueKind::date:
      return is_date(text);
  }
  return false;
}

bool ProvenValue::covers(Place where, std::string_view its_name, std::string_view value) const {
  const bool same =
      place == Place::header ? text::equals_ignoring_case(its_name, name) : its_name == name;
  return where == place && same && has_form(value, kind);
}

}  // namespace sallyport::http
