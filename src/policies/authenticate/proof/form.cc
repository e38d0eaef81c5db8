#include "policies/authenticate/proof/form.h"

#include <algorithm>

#include "base/text.h"
#include "http/encoded_text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? text::hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? text::hex_digit(text[i + 2]) : -1;
    if (low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<Form> Form::parse(std::string_view text) {
  Form form;
  bool good = true;
  http::for_each_parameter(
      text, [&](std::string_view name, std::string_view value, std::string_view pair) {
        if (!good || pair.empty()) return;
        auto key = decoded(name);
        auto decoded_value = decoded(value);
        good = key && decoded_value && form.fields_.size() < kMost &&
               std::ranges::find(form.fields_, *key, &Field::first) == form.fields_.end();
        if (good) form.fields_.emplace_back(std::move(*key), std::move(*decoded_value));
      });
  if (!good) return std::nullopt;
  return form;
}

std::string_view Form::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name) return value;
  }
  return {};
}

void append_parameter(std::string& to, std::string_view name, std::string_view value) {
  if (!to.empty() && to.back() != '?' && to.back() != '&') to += '&';
  to += name;
  to += '=';
  to += text::percent_encoded(value);
}

}  // namespace sallyport::policies::authenticate_detail
