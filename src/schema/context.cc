// See context.h.
#include "schema/context.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport::schema {

Context::Scope Context::key(std::string_view name) {
  std::size_t length = path_.size();
  append_key(path_, name);
  return {*this, length};
}

Context::Scope Context::item(std::size_t index) {
  std::size_t length = path_.size();
  path_ += '[' + std::to_string(index) + ']';
  return {*this, length};
}

bool Context::error(const Node& node, std::string message, std::string suggestion,
                    std::string_view code) {
  if (node.broken) return false;
  return error(node.mark, std::move(message), std::move(suggestion), code);
}

bool Context::error(const Mark& mark, std::string message, std::string suggestion,
                    std::string_view code) {
  diagnostics_.error(where(mark), std::move(message), std::move(suggestion), code);
  return false;
}

void Context::warning(const Mark& mark, std::string message, std::string suggestion,
                      std::string_view code) {
  diagnostics_.warning(where(mark), std::move(message), std::move(suggestion), code);
}

bool Context::expect_scalar(const Node& node, std::string_view what) {
  return (node.is_scalar() && !node.broken) || wrong_kind(node, what);
}

bool Context::expect_map(const Node& node, std::string_view what) {
  if (node.is_map()) return true;
  return wrong_kind(node, what, node.is_null() ? "Write {} for an empty one." : "");
}

bool Context::expect_sequence(const Node& node, std::string_view what) {
  if (node.is_sequence()) return true;
  std::string suggestion;
  if (node.is_null()) suggestion = "Write [] for an empty one.";
  if (node.is_scalar()) suggestion = "Put it in brackets: [...].";
  return wrong_kind(node, what, std::move(suggestion));
}

bool Context::wrong_kind(const Node& node, std::string_view what, std::string suggestion) {
  std::string message = "expected " + std::string(what) + ", found ";
  message += node.is_scalar() ? quoted(node) : std::string(describe(node.kind));
  return error(node, std::move(message), std::move(suggestion), code::kWrongKind);
}

std::string with_article(std::string_view noun) {
  bool vowel = !noun.empty() && std::string_view("aeioAEIO").contains(noun.front());
  // Spelt out letter by letter: an HTTP origin.
  if (noun.starts_with("HTTP")) vowel = true;
  return (vowel ? "an " : "a ") + std::string(noun);
}

// A password that is not escaped as it should be may hold any character, so everything up to the
// last '@' goes.
std::string without_userinfo(std::string_view text) {
  std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  std::size_t slashes = text.find("//");
  std::size_t begin = slashes < at ? slashes + 2 : 0;
  bool name_only = begin == 0 && (text.starts_with('/') || !text.substr(0, at).contains(':'));
  if (name_only) return std::string(text);
  return std::string(text.substr(0, begin)) + "***" + std::string(text.substr(at));
}

std::string quoted(const Node& scalar) {
  constexpr std::size_t kMost = 60;
  std::string shown = without_userinfo(scalar.shown());
  std::size_t length = std::min(shown.size(), kMost);
  // Not within a UTF-8 sequence.
  while (length < shown.size() && length > 0 && (shown[length] & '\xc0') == '\x80') --length;
  std::string out = '"' + shown.substr(0, length);
  if (length < shown.size()) out += "...";
  return out + '"';
}

void append_key(std::string& path, std::string_view key) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!key.empty() && std::ranges::all_of(key, plain)) {
    if (!path.empty()) path += '.';
    path += key;
    return;
  }
  path += "[\"";
  text::append_json_escaped(path, key);
  path += "\"]";
}

}  // namespace sallyport::schema
