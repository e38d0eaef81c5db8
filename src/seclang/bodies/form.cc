// application/x-www-form-urlencoded, as ModSecurity 3 reads it: every escape that is not one stays
// as it is, and a name or a value without escapes is a view of what came.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "seclang/bodies/body.h"
#include "seclang/characters.h"

namespace sallyport::seclang {
namespace {

std::size_t find_encoded(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' || text[i] == '+') return i;
  }
  return std::string_view::npos;
}

// Decodes plus signs and escapes; `invalid` is set, never cleared.
std::string_view decode(std::string_view text, bool& invalid, Arena& arena) {
  std::size_t i = find_encoded(text);
  if (i == std::string_view::npos) return text;

  char* out = arena.chars(text.size());
  text.copy(out, i);
  std::size_t size = i;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? text::hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? text::hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        invalid = true;
      } else {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    out[size++] = c;
  }
  return {out, size};
}

// What `decode` would say of it, without decoding.
bool has_invalid_escape(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || text::hex_digit(text[i + 1]) < 0 ||
        text::hex_digit(text[i + 2]) < 0)
      return true;
  }
  return false;
}

}  // namespace

FormBody parse_form(std::string_view text, char separator, std::size_t most, Arena& arena) {
  FormBody form;
  if (!text.empty()) form.arguments.reserve(8);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    const std::string_view pair = text.substr(start, end - start);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));

    if (form.arguments.size() == most) {
      // What is not looked at may still be broken, and URLENCODED_ERROR has to say so.
      form.too_many = true;
      form.invalid_encoding |= has_invalid_escape(name) || has_invalid_escape(value);
    } else {
      Field& field = form.arguments.emplace_back();
      field.name = decode(name, form.invalid_encoding, arena);
      field.value = decode(value, form.invalid_encoding, arena);
      // ModSecurity counts the decoded name, so escapes in a name make its offset too small.
      field.offset = static_cast<std::uint32_t>(start + field.name.size() + 1);
    }
    start = end + 1;
  }
  return form;
}

}  // namespace sallyport::seclang
