// The corpora of the rule language, for the tests that run them: where they are, and a reader of
// their JSON. For tests only: what is malformed throws.
#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::seclang::corpus {

// The folder that SALLYPORT_CORPORA names, or ../shared/corpora beside the checkout.
inline std::filesystem::path folder() {
  const char* chosen = std::getenv("SALLYPORT_CORPORA");
  std::filesystem::path corpora =
      chosen != nullptr ? std::filesystem::path(chosen)
                        : std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "corpora";
  return corpora / "seclang";
}

struct Json {
  enum class Kind : unsigned char { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string text;  // of a string its bytes; of a number, a boolean and null as it is written
  std::vector<Json> items;        // of an array or an object
  std::vector<std::string> keys;  // of an object, in step with `items`

  // null: no such member.
  [[nodiscard]] const Json* find(std::string_view name) const {
    auto key = std::ranges::find(keys, name);
    return key != keys.end() ? &items[static_cast<std::size_t>(key - keys.begin())] : nullptr;
  }
  // The text of a member; empty: no such member.
  [[nodiscard]] std::string_view operator[](std::string_view name) const {
    const Json* member = find(name);
    return member != nullptr ? std::string_view(member->text) : std::string_view{};
  }
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  Json read() {
    skip_space();
    switch (peek()) {
      case '{':
        return read_object();
      case '[':
        return read_array();
      case '"':
        return {.kind = Json::Kind::string, .text = read_string()};
      default:
        return read_word();
    }
  }

 private:
  [[nodiscard]] char peek() const {
    if (rest_.empty()) throw std::runtime_error("JSON ends too soon");
    return rest_.front();
  }
  char take() {
    char c = peek();
    rest_.remove_prefix(1);
    return c;
  }
  bool take_if(char c) {
    skip_space();
    if (peek() != c) return false;
    take();
    return true;
  }
  void expect(char c) {
    if (!take_if(c)) throw std::runtime_error("JSON: no " + std::string(1, c));
  }
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  Json read_object() {
    Json out{.kind = Json::Kind::object};
    expect('{');
    if (take_if('}')) return out;
    do {
      skip_space();
      out.keys.push_back(read_string());
      expect(':');
      out.items.push_back(read());
    } while (take_if(','));
    expect('}');
    return out;
  }

  Json read_array() {
    Json out{.kind = Json::Kind::array};
    expect('[');
    if (take_if(']')) return out;
    do {
      out.items.push_back(read());
    } while (take_if(','));
    expect(']');
    return out;
  }

  Json read_word() {
    std::string_view word = rest_.substr(0, rest_.find_first_of(",]} \t\r\n"));
    rest_.remove_prefix(word.size());
    Json::Kind kind = word == "null"                      ? Json::Kind::null
                      : word == "true" || word == "false" ? Json::Kind::boolean
                                                          : Json::Kind::number;
    return {.kind = kind, .text = std::string(word)};
  }

  std::string read_string() {
    expect('"');
    std::string out;
    while (peek() != '"') {
      char c = take();
      if (c != '\\') {
        out += c;
        continue;
      }
      switch (char escaped = take()) {
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'u':
          append_utf8(out, read_code_point());
          break;
        default:
          out += escaped;
      }
    }
    take();
    return out;
  }

  unsigned read_unit() {
    unsigned unit = 0;
    std::string_view digits = rest_.substr(0, 4);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (error != std::errc{} || end != digits.data() + 4) throw std::runtime_error("JSON: \\u");
    rest_.remove_prefix(4);
    return unit;
  }
  unsigned read_code_point() {
    unsigned unit = read_unit();
    if (unit < 0xD800 || unit > 0xDBFF || !rest_.starts_with("\\u")) return unit;
    rest_.remove_prefix(2);
    return 0x10000 + ((unit - 0xD800) << 10) + (read_unit() - 0xDC00);
  }
  static void append_utf8(std::string& out, unsigned c) {
    auto put = [&out](unsigned b) { out += static_cast<char>(b); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
      put(0xC0 | c >> 6);
    } else {
      if (c < 0x10000) {
        put(0xE0 | c >> 12);
      } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 63));
      }
      put(0x80 | (c >> 6 & 63));
    }
    put(0x80 | (c & 63));
  }

  std::string_view rest_;
};

// The values of a file of one JSON value a line; none when the file is absent.
inline std::vector<Json> read_lines(const std::filesystem::path& file) {
  std::vector<Json> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) out.push_back(JsonReader(line).read());
  }
  return out;
}

// The unit vectors write raw bytes as \xNN and \uNNNN inside their strings. As their own runner
// does, takes any letters and digits there, and stops at the first that is no hex digit.
inline std::string with_raw_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::string_view rest = text.substr(i);
    std::size_t count = rest.starts_with("\\x") ? 2 : rest.starts_with("\\u") ? 4 : 0;
    std::string_view digits = count == 0 ? std::string_view{} : rest.substr(2, count);
    auto is_alnum = [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; };
    if (count == 0 || digits.size() < count || !std::ranges::all_of(digits, is_alnum)) {
      out += text[i++];
      continue;
    }
    unsigned value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    out += static_cast<char>(value);
    i += 2 + count;
  }
  return out;
}

}  // namespace sallyport::seclang::corpus
