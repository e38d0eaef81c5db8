// See form.h.
#include "token_service/form.h"

#include <algorithm>

#include "base/text.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::token_service {
namespace {

constexpr std::size_t kLongestName = 64;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

ShortLived::~ShortLived() { store::cleanse(bytes_); }

std::optional<std::string_view> form_decode(std::string_view text, std::span<char> out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '+' ? ' ' : text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = text::hex_digit(text[i + 1]);
      const int low = text::hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (is_control(c)) return std::nullopt;
    out[size++] = c;
  }
  return std::string_view(out.data(), size);
}

std::expected<Form, std::string_view> Form::parse(std::string_view body) {
  Form form(body.size());
  std::span<char> room = form.memory_.bytes();
  auto decoded = [&room](std::string_view text) {
    const std::optional<std::string_view> plain = form_decode(text, room);
    if (plain) room = room.subspan(plain->size());
    return plain;
  };
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(pair.size() + 1, body.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals));
    const auto value = decoded(equals < pair.size() ? pair.substr(equals + 1) : "");
    if (!name || !value) return std::unexpected("The form is not encoded as it should be.");
    if (name->size() > kLongestName || value->size() > kLongestValue) {
      return std::unexpected("A parameter is too long.");
    }
    if (std::ranges::find(form.parameters_, *name, &Parameter::name) != form.parameters_.end()) {
      return std::unexpected("A parameter comes twice.");
    }
    if (form.parameters_.size() == kMostParameters) {
      return std::unexpected("There are too many parameters.");
    }
    form.parameters_.push_back({.name = *name, .value = *value});
  }
  return form;
}

std::string_view Form::get(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &Parameter::name);
  return found == parameters_.end() ? std::string_view() : found->value;
}

}  // namespace sallyport::token_service
