// Takes macros apart: %{NAME}, %{COLLECTION.key} and %{COLLECTION:key}.
#include "seclang/macro.h"

#include <utility>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

// What stands between the braces; nullopt: it names nothing.
std::optional<MacroPart> parse_reference(std::string_view inside) {
  std::size_t end = inside.find_first_of(".:");
  std::optional<Variable> variable = find_variable(inside.substr(0, end));
  if (!variable) return std::nullopt;
  if (end == std::string_view::npos) return MacroPart{.variable = variable};

  std::string_view key = inside.substr(end + 1);
  if (key.empty() || kind_of(*variable) == VariableKind::scalar) return std::nullopt;
  bool regex = key.size() > 2 && key.front() == '/' && key.back() == '/';
  if (!regex || *variable == Variable::xml) {
    return MacroPart{.text = text::to_lower(key), .variable = variable, .hash = hash_of_name(key)};
  }
  auto compiled = Regex::compile(key.substr(1, key.size() - 2), {.caseless = true});
  if (!compiled) return std::nullopt;
  return MacroPart{.text = std::string(key),
                   .variable = variable,
                   .regex = std::make_shared<const Regex>(std::move(*compiled))};
}

}  // namespace

Macro::Macro(std::string_view source) : source_(source), hash_(hash_of_name(source)) {
  std::string text;
  auto flush = [&] {
    if (!text.empty()) parts_.push_back({.text = std::exchange(text, {})});
  };
  while (!source.empty()) {
    std::size_t open = source.find("%{");
    std::size_t close = open == std::string_view::npos ? open : source.find('}', open);
    if (close == std::string_view::npos) break;
    text += source.substr(0, open);
    if (auto part = parse_reference(source.substr(open + 2, close - open - 2))) {
      flush();
      parts_.push_back(std::move(*part));
      literal_ = false;
      source.remove_prefix(close + 1);
      // "%{name}%" is an old way to write it.
      if (source.starts_with('%') && !source.starts_with("%{")) source.remove_prefix(1);
    } else {
      text += "%{";  // only these two: a macro may begin inside of what is none
      source.remove_prefix(open + 2);
    }
  }
  text += source;
  flush();
}

}  // namespace sallyport::seclang
