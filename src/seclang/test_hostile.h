// Requests that are made to cost much: what patterns nearly match, again and again, in every part
// of a request. For comparisons only.
//
// A recipe says how a request is made; changing one keeps most of it, so that a search can climb.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "seclang/test_payloads.h"

namespace sallyport::seclang::corpus {

inline constexpr std::array<std::string_view, 13> kShapes = {
    "form",      "form names", "JSON",  "JSON nested", "JSON names", "XML text", "XML attributes",
    "multipart", "files",      "query", "headers",     "cookies",    "text"};

struct Recipe {
  std::size_t shape = 0;  // of kShapes
  std::size_t bytes = 1024;
  std::size_t values = 1;          // among how many the text is divided
  std::vector<std::string> parts;  // one behind the other, again and again
  bool shuffled = false;           // in no order
  unsigned seed = 0;               // of that
  unsigned disguise = 0;           // how the text is written: as it is, as entities and so on
};

// Texts that a pattern matches, more or less: walks along its notation. Assertions are passed over,
// and where the notation is not understood something comes out all the same.
class PatternWalk {
 public:
  PatternWalk(std::string_view pattern, std::mt19937& random)
      : pattern_(pattern), random_(random) {}
  std::string text() {
    std::string out;
    while (at_ < pattern_.size() && out.size() < kMost) {
      if (pattern_[at_] == ')') ++at_;
      out += choice();
    }
    return out.substr(0, kMost);
  }

 private:
  static constexpr std::size_t kMost = 600;

  unsigned pick(unsigned of) { return static_cast<unsigned>(random_() % of); }

  std::string choice() {
    std::vector<std::string> all(1);
    while (at_ < pattern_.size() && pattern_[at_] != ')') {
      if (pattern_[at_] == '|') {
        ++at_;
        all.emplace_back();
      } else {
        all.back() += repeated();
      }
    }
    return all[pick(static_cast<unsigned>(all.size()))];
  }

  std::string repeated() {
    const std::string once = one();
    unsigned least = 1;
    unsigned most = 1;
    if (at_ < pattern_.size()) {
      const char sign = pattern_[at_];
      if (sign == '?' || sign == '*' || sign == '+') {
        ++at_;
        least = sign == '+' ? 1 : 0;
        most = sign == '?' ? 1 : 6;
      } else if (sign == '{') {
        const std::size_t end = std::min(pattern_.find('}', at_), pattern_.size());
        const std::string range(pattern_.substr(at_ + 1, end - at_ - 1));
        least = static_cast<unsigned>(std::min(std::atoi(range.c_str()), 40));
        most = range.contains(',') ? least + 6 : least;
        at_ = std::min(end + 1, pattern_.size());
      }
      if (at_ < pattern_.size() && (pattern_[at_] == '?' || pattern_[at_] == '+')) ++at_;  // lazy
    }
    std::string out;
    for (unsigned i = least + pick(most - least + 1); i > 0 && out.size() < kMost; --i) out += once;
    return out;
  }

  std::string one() {
    const char c = pattern_[at_++];
    if (c == '(') {
      if (pattern_.substr(at_).starts_with('?')) {  // flags, names, look-around
        while (at_ < pattern_.size() && !std::string_view(":)=!>").contains(pattern_[at_])) ++at_;
        if (at_ < pattern_.size() && pattern_[at_++] == ')') return {};
      }
      std::string inside = choice();
      if (at_ < pattern_.size()) ++at_;
      return inside;
    }
    if (c == '[') return one_of_class();
    if (c == '\\') return escaped();
    if (c == '.') return {static_cast<char>('a' + pick(26))};
    if (c == '^' || c == '$') return pick(4) == 0 ? "\n" : "";
    return {c};
  }

  std::string one_of_class() {
    const bool negated = pattern_.substr(at_).starts_with('^');
    if (negated) ++at_;
    std::string members;
    for (bool first = true; at_ < pattern_.size() && (first || pattern_[at_] != ']');
         first = false) {
      const char c = pattern_[at_++];
      if (c == '\\') {
        members += escaped();
      } else if (c == '-' && !members.empty() && at_ < pattern_.size() && pattern_[at_] != ']') {
        const auto low = static_cast<unsigned char>(members.back());
        const auto high = static_cast<unsigned char>(pattern_[at_++]);
        if (low < high) members += static_cast<char>(low + pick(high - low + 1U));
      } else {
        members += c;
      }
    }
    if (at_ < pattern_.size()) ++at_;
    if (negated) {
      for (char c : std::string_view("a0 ;\n<\\~")) {
        if (!members.contains(c)) return {c};
      }
    }
    if (members.empty()) return {};
    return {members[pick(static_cast<unsigned>(members.size()))]};
  }

  std::string escaped() {
    if (at_ >= pattern_.size()) return {};
    const char c = pattern_[at_++];
    switch (c) {
      case 'b':
      case 'B':
      case 'A':
      case 'z':
      case 'Z':
        return {};
      case 'd':
        return {static_cast<char>('0' + pick(10))};
      case 'w':
      case 'S':
      case 'D':
        return {static_cast<char>('a' + pick(26))};
      case 's':
        return {" \t\n"[pick(3)]};
      case 'W':
        return {" ;-"[pick(3)]};
      case 'n':
        return "\n";
      case 'r':
        return "\r";
      case 't':
        return "\t";
      case 'v':
        return "\x0b";
      case 'x': {
        const bool braces = pattern_.substr(at_).starts_with('{');
        const std::string digits(pattern_.substr(at_ + (braces ? 1 : 0), 2));
        at_ = std::min(at_ + (braces ? 4 : 2), pattern_.size());
        return {static_cast<char>(std::strtoul(digits.c_str(), nullptr, 16))};
      }
      default:
        return {c};
    }
  }

  std::string_view pattern_;
  std::mt19937& random_;
  std::size_t at_ = 0;
};

class Hostile {
 public:
  // `patterns`: regular expressions of the rules; `words`: phrases of theirs.
  Hostile(unsigned seed, std::vector<std::string> patterns, std::vector<std::string> words)
      : random_(seed), patterns_(std::move(patterns)), words_(std::move(words)) {}

  unsigned pick(std::size_t of) { return static_cast<unsigned>(random_() % of); }

  Recipe fresh(std::size_t shape) {
    Recipe made{.shape = shape, .bytes = size(shape), .values = count(), .seed = pick(1000)};
    for (unsigned i = 1 + pick(4); i > 0; --i) made.parts.push_back(part());
    made.shuffled = pick(2) == 0;
    if (pick(4) == 0) made.disguise = pick(kDisguises);
    return made;
  }

  Recipe changed(Recipe recipe) {
    std::vector<std::string>& parts = recipe.parts;
    std::string& some = parts[pick(parts.size())];
    switch (pick(10)) {
      case 0:
        recipe.bytes = size(recipe.shape);
        break;
      case 1:
        recipe.values = count();
        break;
      case 2:
        recipe.shuffled = !recipe.shuffled;
        break;
      case 3:
        recipe.disguise = pick(3) == 0 ? pick(kDisguises) : 0;
        break;
      case 4:
        if (parts.size() < 12) parts.insert(parts.begin() + pick(parts.size() + 1), part());
        break;
      case 5:
        if (parts.size() > 1) parts.erase(parts.begin() + pick(parts.size()));
        break;
      case 6:
        some = part();
        break;
      case 7:
        some = some.substr(0, pick(some.size() + 1));
        break;
      case 8:
        some = some.substr(pick(some.size() + 1));
        break;
      default:
        if (some.size() < kLongPart) some += some;
        break;
    }
    if (std::ranges::all_of(parts, &std::string::empty)) parts.front() = "a";
    return recipe;
  }

  static Sample sample(const Recipe& recipe) {
    const std::string text = text_of(recipe);
    std::vector<std::string_view> values;
    const std::size_t each = std::max<std::size_t>(text.size() / recipe.values, 1);
    for (std::size_t at = 0; at < text.size(); at += each) {
      values.push_back(std::string_view(text).substr(at, each));
    }
    return in_shape(recipe, values, text);
  }

 private:
  static constexpr unsigned kDisguises = 7;
  static constexpr std::size_t kLongPart = 4096;

  std::size_t size(std::size_t shape) {
    const std::string_view name = kShapes.at(shape);
    const bool head = name == "query" || name == "headers" || name == "cookies";
    const std::size_t most = head ? 14 : 17;  // bits; the gateway takes 32 KB of headers
    return (std::size_t{1} << (10 + pick(most - 9))) - pick(500);
  }

  std::size_t count() {
    constexpr std::array<std::size_t, 6> kCounts = {1, 1, 2, 20, 200, 900};
    return kCounts.at(pick(kCounts.size()));
  }

  std::string part() {
    switch (pick(8)) {
      case 0:
        return words_[pick(words_.size())];
      case 1: {
        constexpr std::string_view kSigns = "'\"`\\$(){}[]<>;|&=+-*/#!@%^~?,.:_ \t\n\r";
        return {kSigns[pick(kSigns.size())]};
      }
      case 2: {
        constexpr std::array<std::string_view, 24> kPieces = {
            "/*",     "*/",      "--",      "<!--", "<a ",  "on", "=",   "javascript:",
            "&#x41;", "%u0041",  "\\u0041", "../",  "${",   "$(", "0x",  "and ",
            "or ",    "select ", "<script", "a'b",  "\\\n", "{{", "1,1", "SELECT/**/"};
        return std::string(kPieces.at(pick(kPieces.size())));
      }
      case 3: {
        std::string noise;
        for (unsigned i = 1 + pick(8); i > 0; --i) noise += static_cast<char>(pick(256));
        return noise;
      }
      case 4:
        return {static_cast<char>('a' + pick(26))};
      default: {
        std::string near = PatternWalk(patterns_[pick(patterns_.size())], random_).text();
        if (pick(2) == 0) near = near.substr(0, pick(near.size() + 1));
        return near.empty() ? "x" : near;
      }
    }
  }

  static std::string text_of(const Recipe& recipe) {
    std::mt19937 order(recipe.seed);
    std::string text;
    for (std::size_t i = 0; text.size() < recipe.bytes; ++i) {
      const std::size_t which = recipe.shuffled ? order() : i;
      text += recipe.parts[which % recipe.parts.size()];
    }
    text.resize(recipe.bytes);
    return disguised(text, recipe.disguise);
  }

  static std::string disguised(std::string_view text, unsigned how) {
    if (how == 0) return std::string(text);
    if (how == 1) return percent_encoded(text);
    if (how == 2) return base64(text);
    std::string out;
    for (char c : text) {
      std::array<char, 16> written{};
      const unsigned byte = static_cast<unsigned char>(c);
      constexpr std::array<const char*, 4> kWritten = {"&#x%x;", "\\u%04x", "\\x%02x", "%c/**/"};
      std::snprintf(written.data(), written.size(), kWritten.at(how - 3), byte);
      out += written.data();
    }
    return out;
  }

  static std::string base64(std::string_view text) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
      unsigned three = 0;
      for (std::size_t k = 0; k < 3; ++k)
        three = three << 8 | static_cast<unsigned char>(text[i + k]);
      for (unsigned shift : {18U, 12U, 6U, 0U}) out += kLetters[three >> shift & 63];
    }
    return out;
  }

  static std::string without(std::string_view text, std::string_view unwanted) {
    std::string out(text);
    std::erase_if(out, [&](char c) { return unwanted.contains(c) || c == '\0'; });
    return out;
  }

  static std::string quoted(std::string_view text) {
    std::string out = "\"";
    text::append_json_escaped(out, text);
    return out + '"';
  }

  static Sample in_shape(const Recipe& recipe, const std::vector<std::string_view>& values,
                         const std::string& text) {
    const std::string_view shape = kShapes.at(recipe.shape);
    std::string body;
    auto number = [&](std::size_t i) { return std::to_string(i); };
    if (shape == "query" || shape == "form" || shape == "form names") {
      const bool names = shape == "form names";
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) body += '&';
        body += names ? percent_encoded(values[i]) + "=1"
                      : "p" + number(i) + "=" + percent_encoded(values[i]);
      }
      if (shape == "query") return get("", "/v1/search?" + body);
      return with_body("", "/v1/search", "application/x-www-form-urlencoded", body);
    }
    if (shape == "headers" || shape == "cookies") {
      Sample sample = get("", "/v1/search");
      if (shape == "cookies") {
        for (std::size_t i = 0; i < values.size(); ++i) {
          body += (i == 0 ? "c" : "; c") + number(i) + "=" + without(values[i], ";\r\n");
        }
        sample.headers.emplace_back("Cookie", body);
        return sample;
      }
      constexpr std::array<std::string_view, 5> kNames = {"Referer", "X-Note-", "User-Agent",
                                                          "X-Forwarded-For", "Range"};
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::string name(i == 0 ? kNames.at(recipe.seed % kNames.size()) : kNames[1]);
        if (i > 0) name += number(i);
        sample.headers.emplace_back(std::move(name), without(values[i], "\r\n"));
      }
      return sample;
    }
    if (shape.starts_with("JSON")) {
      if (shape == "JSON nested") {
        const std::size_t depth = std::min<std::size_t>(values.size(), 400);
        for (std::size_t i = 0; i < depth; ++i) {
          body += i % 2 == 0 ? "{" + quoted(values[i]) + ":" : "[" + quoted(values[i]) + ",";
        }
        body += "1";
        for (std::size_t i = depth; i > 0; --i) body += i % 2 == 0 ? "]" : "}";
      } else {
        body = shape == "JSON" ? "[" : "{";
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (i > 0) body += ',';
          body += quoted(values[i]);
          if (shape == "JSON names") body += ":1";
        }
        body += shape == "JSON" ? "]" : "}";
      }
      return with_body("", "/v1/search", "application/json", body);
    }
    if (shape.starts_with("XML")) {
      body = "<?xml version=\"1.0\"?><r>";
      for (std::string_view value : values) {
        const std::string clean = without(value, "<>&\"");
        body += shape == "XML text" ? "<v>" + clean + "</v>" : "<v a=\"" + clean + "\"/>";
      }
      return with_body("", "/v1/search", "application/xml", body + "</r>");
    }
    if (shape == "multipart" || shape == "files") {
      for (std::size_t i = 0; i < values.size(); ++i) {
        body += "--gate\r\nContent-Disposition: form-data; name=\"f" + number(i) + "\"";
        if (shape == "files") {
          body += "; filename=\"" + without(values[i], "\"\r\n") + "\"\r\n\r\nx\r\n";
        } else {
          body += "\r\n\r\n" + std::string(values[i]) + "\r\n";
        }
      }
      return with_body("", "/v1/search", "multipart/form-data; boundary=gate",
                       body + "--gate--\r\n");
    }
    return with_body("", "/v1/search", "text/plain", text);
  }

  std::mt19937 random_;
  std::vector<std::string> patterns_;
  std::vector<std::string> words_;
};

}  // namespace sallyport::seclang::corpus
