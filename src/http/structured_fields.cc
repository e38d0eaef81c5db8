#include "http/structured_fields.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "http/chars.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMostMembers = 16;
constexpr std::size_t kMostItems = 64;
constexpr std::size_t kMostParameters = 16;
constexpr std::size_t kMostDigits = 15;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<DictionaryMember>> dictionary() {
    std::vector<DictionaryMember> members;
    skip(" ");
    while (good_ && !rest_.empty()) {
      DictionaryMember one = member();
      const bool twice = std::ranges::any_of(
          members, [&one](const DictionaryMember& other) { return other.key == one.key; });
      if (twice || members.size() == kMostMembers) good_ = false;
      members.push_back(std::move(one));
      skip(" \t");
      if (rest_.empty() || !good_) break;
      if (!take(',')) break;
      skip(" \t");
      if (rest_.empty()) good_ = false;  // a comma with nothing behind it
    }
    if (!good_) return std::nullopt;
    return members;
  }

 private:
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }
  void skip(std::string_view what) {
    while (!rest_.empty() && what.contains(rest_.front())) rest_.remove_prefix(1);
  }
  // False, and nothing is good any more, unless `c` stands here.
  bool take(char c) {
    if (front() != c) return good_ = false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view cut(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Up to the first character that `is_inside` is false for; at least one.
  template <typename Inside>
  std::string_view run(Inside is_inside) {
    const auto* end = std::ranges::find_if_not(rest_, is_inside);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    if (size == 0) good_ = false;
    return cut(size);
  }

  std::string_view key() {
    if (!is_lower(front()) && front() != '*') good_ = false;
    return run([](char c) {
      return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    });
  }

  DictionaryMember member() {
    DictionaryMember one{.key = key()};
    if (front() != '=') {
      one.items.push_back({.value = truth(), .parameters = parameters()});
      return one;
    }
    take('=');
    if (front() != '(') {
      one.items.push_back(item());
      return one;
    }
    one.is_list = true;
    take('(');
    for (skip(" "); good_ && front() != ')'; skip(" ")) {
      one.items.push_back(item());
      if (front() != ' ' && front() != ')') good_ = false;
      if (one.items.size() > kMostItems) good_ = false;
    }
    take(')');
    one.parameters = parameters();
    return one;
  }

  FieldItem item() {
    FieldItem one{.value = bare()};
    one.parameters = parameters();
    return one;
  }

  std::vector<Parameter> parameters() {
    std::vector<Parameter> all;
    while (good_ && front() == ';') {
      take(';');
      skip(" ");
      Parameter one{.name = key(), .value = truth()};
      if (front() == '=') {
        take('=');
        one.value = bare();
      }
      if (find_parameter(all, one.name) != nullptr || all.size() == kMostParameters) good_ = false;
      all.push_back(one);
    }
    return all;
  }

  static BareItem truth() { return {.kind = BareItem::Kind::boolean, .integer = 1, .text = "?1"}; }

  BareItem bare() {
    const char c = front();
    if (c == '"') return string();
    if (c == ':') return bytes();
    if (c == '?') return boolean();
    if (c == '-' || is_digit(c)) return integer();
    if (!is_alpha(c) && c != '*') good_ = false;
    return {
        .kind = BareItem::Kind::token,
        .text = run([](char each) { return is_token({&each, 1}) || each == ':' || each == '/'; })};
  }

  BareItem integer() {
    const std::size_t sign = front() == '-' ? 1 : 0;
    std::size_t size = sign;
    while (size < rest_.size() && is_digit(rest_[size])) ++size;
    const std::size_t digits = size - sign;
    BareItem out{.kind = BareItem::Kind::integer, .text = cut(size)};
    const bool zeros = digits > 1 && out.text[sign] == '0';
    if (digits == 0 || digits > kMostDigits || zeros || front() == '.') good_ = false;
    if (good_) std::from_chars(out.text.data(), out.text.data() + out.text.size(), out.integer);
    return out;
  }

  BareItem string() {
    std::size_t size = 1;
    for (; size < rest_.size() && rest_[size] != '"'; ++size) {
      const char c = rest_[size];
      if (c < ' ' || c > '~') good_ = false;
      if (c != '\\') continue;
      ++size;
      if (size == rest_.size() || (rest_[size] != '"' && rest_[size] != '\\')) {
        good_ = false;
        return {};
      }
    }
    if (size >= rest_.size()) good_ = false;
    return {.kind = BareItem::Kind::string, .text = cut(std::min(size + 1, rest_.size()))};
  }

  BareItem bytes() {
    const std::size_t end = rest_.find(':', 1);
    if (end == std::string_view::npos) {
      good_ = false;
      return {};
    }
    BareItem out{.kind = BareItem::Kind::bytes, .text = cut(end + 1)};
    if (!out.bytes()) good_ = false;
    return out;
  }

  BareItem boolean() {
    if (rest_.size() < 2 || (rest_[1] != '0' && rest_[1] != '1')) {
      good_ = false;
      return {};
    }
    const std::string_view text = cut(2);
    return {.kind = BareItem::Kind::boolean, .integer = text[1] - '0', .text = text};
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<std::string> BareItem::string() const {
  if (kind != Kind::string) return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    out += text[i];
  }
  return out;
}

std::optional<std::string> BareItem::bytes() const {
  if (kind != Kind::bytes) return std::nullopt;
  return base64_decode(text.substr(1, text.size() - 2));
}

std::optional<std::vector<DictionaryMember>> parse_dictionary(std::string_view text) {
  return Reader(text).dictionary();
}

const BareItem* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found != parameters.end() ? &found->value : nullptr;
}

void append_parameters(std::string& out, const std::vector<Parameter>& parameters) {
  for (const Parameter& each : parameters) {
    out += ';';
    out += each.name;
    if (each.value.kind == BareItem::Kind::boolean && each.value.integer == 1) continue;
    out += '=';
    out += each.value.text;
  }
}

void append_item(std::string& out, const FieldItem& item) {
  out += item.value.text;
  append_parameters(out, item.parameters);
}

void append_list(std::string& out, const DictionaryMember& list) {
  out += '(';
  for (const FieldItem& item : list.items) {
    if (&item != &list.items.front()) out += ' ';
    append_item(out, item);
  }
  out += ')';
  append_parameters(out, list.parameters);
}

}  // namespace sallyport::http
