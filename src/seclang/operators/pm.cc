// @pm and @pmFromFile: any of many phrases stands in the value, whatever the case of its letters.
//
// Captures the phrase as the rule spells it (ModSecurity: what of it and of longer ones it has
// read). Finds phrases that ModSecurity 3.0.9 overlooks: those that begin inside another one which
// then does not go on, and those behind an escape or a snippet of hexadecimal digits, which it
// reads wrongly.
#include "base/text.h"
#include "seclang/characters.h"
#include "seclang/operators/argument_files.h"
#include "seclang/operators/factories.h"
#include "seclang/operators/phrases.h"

namespace sallyport::seclang {
namespace {

class Pm final : public Operator {
 public:
  explicit Pm(std::vector<std::string> phrases) : phrases_(std::move(phrases)) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    std::optional<Phrases::Hit> hit = phrases_.find(value);
    if (!hit) return false;
    evaluation.groups.text[0] = hit->phrase;
    evaluation.groups.count = 1;
    evaluation.offset = hit->end - hit->phrase.size();
    evaluation.length = hit->phrase.size();
    return true;
  }

  const std::vector<std::string>* phrases() const override { return &phrases_.texts(); }

 private:
  Phrases phrases_;
};

// The bytes between two bars: pairs of hexadecimal digits, spaces anywhere. Null: something else.
std::optional<std::string> read_snippet(std::string_view inside) {
  std::string bytes;
  int high = -1;
  for (char c : inside) {
    if (c == ' ') continue;
    int digit = text::hex_digit(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0 || bytes.empty()) return std::nullopt;
  return bytes;
}

// The argument without the quotes around it, \: \; \\ \" and |41 42| replaced by what they stand
// for. An argument with any other backslash means itself, as in ModSecurity.
std::string unescape(std::string_view argument) {
  std::string_view rest = text::trim(argument);
  if (rest.size() >= 2 && rest.starts_with('"') && rest.ends_with('"')) {
    rest = rest.substr(1, rest.size() - 2);
  }
  std::string out;
  while (!rest.empty()) {
    std::size_t taken = 1;
    if (rest.front() == '\\') {
      if (rest.size() < 2 || std::string_view(":;\\\"").find(rest[1]) == std::string_view::npos) {
        return std::string(argument);
      }
      out += rest[1];
      taken = 2;
    } else if (std::size_t bar = rest.find('|', 1);
               rest.front() == '|' && bar != std::string_view::npos) {
      auto bytes = read_snippet(rest.substr(1, bar - 1));
      out += bytes ? std::string_view(*bytes) : rest.substr(0, 1);
      if (bytes) taken = bar + 1;
    } else {
      out += rest.front();
    }
    rest.remove_prefix(taken);
  }
  return out;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// Every line is a phrase, spaces included, but blank ones and those that begin with #.
std::vector<std::string> lines(std::string_view content) {
  std::vector<std::string> out;
  for_each_line(content, [&](std::string_view line) {
    std::string_view text = text::trim(line);
    if (!text.empty() && !text.starts_with('#')) out.emplace_back(line);
  });
  return out;
}

}  // namespace

Made make_pm(const OperatorSource& source) {
  return std::make_unique<Pm>(words(unescape(source.argument)));
}

Made make_pm_from_file(const OperatorSource& source) {
  auto content = read_argument_files(source);
  if (!content) return std::unexpected(content.error());
  return std::make_unique<Pm>(lines(*content));
}

}  // namespace sallyport::seclang
