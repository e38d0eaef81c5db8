// For tests and fuzzers only: a strict JSON reader (RFC 8259, UTF-8 checked) that flattens what it
// reads. It is slow and exists so that what is written here is judged by other code.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace sallyport::telemetry {

class JsonCheck {
 public:
  // Values by path: {"a":{"b":[1,"x"]}} gives {"a/b/0": "1", "a/b/1": "x"}. Empty if `text` is not
  // one JSON value, or an object holds a key twice.
  [[nodiscard]] static std::optional<std::map<std::string, std::string>> flatten(
      std::string_view text) {
    JsonCheck check(text);
    if (!check.value("") || !check.rest_.empty()) return std::nullopt;
    return check.values_;
  }

 private:
  explicit JsonCheck(std::string_view text) : rest_(text) {}

  void skip_space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").contains(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }
  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool keep(const std::string& path, std::string value) {
    return values_.emplace(path, std::move(value)).second;
  }

  bool value(const std::string& path) {
    if (take("{")) return members(path);
    if (take("[")) return elements(path);
    if (take("\"")) {
      std::string text;
      return string(text) && keep(path, text);
    }
    for (std::string_view word : {"true", "false", "null"}) {
      if (take(word)) return keep(path, std::string(word));
    }
    return number(path);
  }

  bool members(const std::string& path) {
    if (take("}")) return true;
    do {
      std::string name;
      if (!take("\"") || !string(name) || !take(":")) return false;
      if (!value(path.empty() ? name : path + "/" + name)) return false;
    } while (take(","));
    return take("}");
  }

  bool elements(const std::string& path) {
    if (take("]")) return true;
    int i = 0;
    do {
      if (!value(path + "/" + std::to_string(i++))) return false;
    } while (take(","));
    return take("]");
  }

  bool number(const std::string& path) {
    std::size_t n = rest_.find_first_not_of("-+.eE0123456789");
    std::string_view text = rest_.substr(0, n);
    double parsed = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return false;
    if (text.size() > 1 && text[0] == '0' && text[1] != '.') return false;
    rest_.remove_prefix(text.size());
    return keep(path, std::string(text));
  }

  // Behind the opening quote.
  bool string(std::string& out) {
    while (!rest_.empty()) {
      auto c = static_cast<unsigned char>(rest_.front());
      if (c < 0x20) return false;
      if (c == '"') {
        rest_.remove_prefix(1);
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      std::size_t n = text::utf8_length(rest_);
      if (n == 0) return false;
      out += rest_.substr(0, n);
      rest_.remove_prefix(n);
    }
    return false;
  }

  bool escape(std::string& out) {
    if (rest_.size() < 2) return false;
    char c = rest_[1];
    if (c == 'u') {
      unsigned code = 0;
      if (rest_.size() < 6) return false;
      auto [end, error] = std::from_chars(rest_.data() + 2, rest_.data() + 6, code, 16);
      if (error != std::errc{} || end != rest_.data() + 6 || code > 0xFF) return false;
      out += static_cast<char>(code);  // this project escapes single bytes only
      rest_.remove_prefix(6);
      return true;
    }
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    std::size_t i = kFrom.find(c);
    if (i == std::string_view::npos) return false;
    out += kTo[i];
    rest_.remove_prefix(2);
    return true;
  }

  std::string_view rest_;
  std::map<std::string, std::string> values_;
};

}  // namespace sallyport::telemetry
