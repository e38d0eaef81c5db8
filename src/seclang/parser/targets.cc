// Targets are separated by | or a comma; a key may be quoted, or a regular expression between
// slashes, and then holds either.
#include "seclang/parser/targets.h"

#include <cctype>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

bool separates(char c) { return c == '|' || c == ','; }

bool names(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class TargetParser {
 public:
  TargetParser(const Piece& list, Report& report)
      : list_(list), text_(list.text), report_(report) {}

  std::vector<Target> run() {
    std::vector<Target> targets;
    for (;; ++at_) {
      skip_spaces();
      if (std::optional<Target> target = parse_target()) {
        targets.push_back(std::move(*target));
      } else {
        at_ = std::min(text_.find_first_of("|,", at_), text_.size());
      }
      skip_spaces();
      if (at_ < text_.size() && !separates(text_[at_])) {
        report_.error(
            list_.place(at_),
            "\"" + std::string(text_.substr(at_)) + "\" stands where the next target should begin",
            "separate targets by |");
        return targets;
      }
      if (at_ == text_.size()) return targets;
    }
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::optional<Target> parse_target() {
    Target target;
    if (at_ < text_.size() && (text_[at_] == '!' || text_[at_] == '&')) {
      (text_[at_] == '!' ? target.exclude : target.count) = true;
      ++at_;
    }
    std::size_t begin = at_;
    while (at_ < text_.size() && names(text_[at_])) ++at_;
    std::string name(text_.substr(begin, at_ - begin));
    if (name.empty()) {
      report_.error(list_.place(begin), "a variable is missing",
                    "name one, such as ARGS or REQUEST_HEADERS:Host");
      return std::nullopt;
    }
    std::optional<Variable> variable = find_variable(name);
    if (!variable) {
      report_.error(list_.place(begin), "there is no variable " + name, suggest(name));
      return std::nullopt;
    }
    target.variable = *variable;
    if (at_ == text_.size() || (text_[at_] != ':' && text_[at_] != '.')) return target;

    if (kind_of(*variable) == VariableKind::scalar) {
      report_.error(list_.place(at_), name + " has one value and takes no key",
                    "write " + name + " alone");
      return std::nullopt;
    }
    ++at_;
    bool ok = *variable == Variable::xml ? parse_xpath(target.selector)
                                         : parse_selector(name, target.selector);
    if (!ok) return std::nullopt;
    return target;
  }

  static std::string suggest(const std::string& name) {
    std::vector<std::string_view> all;
    all.reserve(kVariables);
    for (std::size_t i = 0; i < kVariables; ++i) all.push_back(name_of(static_cast<Variable>(i)));
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::optional<std::string> near = text::nearest(upper, all);
    return near ? "did you mean " + *near + "?" : "";
  }

  // Up to the separator. An XPath expression is no regular expression, whatever it begins with.
  bool parse_xpath(Selector& selector) {
    std::size_t begin = at_;
    selector.name = take_key();
    selector.text = selector.name;
    return present(begin, selector.name, "XML");
  }

  bool parse_selector(const std::string& name, Selector& selector) {
    std::size_t begin = at_;
    if (std::optional<std::string> pattern = take_pattern()) {
      auto regex = Regex::compile(*pattern, {.caseless = true});
      if (!regex) {
        report_.error(list_.place(begin),
                      name + ": the regular expression is not valid: " + regex.error());
        return false;
      }
      selector.regex = std::make_shared<const Regex>(std::move(*regex));
      selector.text = "/" + *pattern + "/";
      return true;
    }
    selector.text = take_key();
    selector.name = text::to_lower(selector.text);
    selector.hash = hash_of_name(selector.name);
    return present(begin, selector.name, name);
  }

  bool present(std::size_t begin, const std::string& key, const std::string& name) {
    if (!key.empty()) return true;
    report_.error(list_.place(begin), name + ": a key is missing behind the colon",
                  "write " + name + " alone to look at all of it");
    return false;
  }

  // 'key' or key.
  std::string take_key() {
    std::size_t begin = at_;
    if (std::optional<std::size_t> close = closing('\'', begin)) {
      at_ = *close + 1;
      return std::string(text_.substr(begin + 1, *close - begin - 1));
    }
    while (at_ < text_.size() && !separates(text_[at_])) ++at_;
    return std::string(text::trim(text_.substr(begin, at_ - begin)));
  }

  // '/pattern/' or /pattern/; nullopt: it is neither, and nothing is taken.
  std::optional<std::string> take_pattern() {
    std::size_t begin = at_;
    if (std::optional<std::size_t> close = closing('\'', begin)) {
      std::string_view inside = text_.substr(begin + 1, *close - begin - 1);
      if (inside.size() < 2 || inside.front() != '/' || inside.back() != '/') return std::nullopt;
      at_ = *close + 1;
      return std::string(inside.substr(1, inside.size() - 2));
    }
    std::optional<std::size_t> close = closing('/', begin);
    if (!close) return std::nullopt;
    at_ = *close + 1;
    return std::string(text_.substr(begin + 1, *close - begin - 1));
  }

  // Where the mark that opens at `begin` closes: the next one, not escaped, behind which a target
  // ends.
  std::optional<std::size_t> closing(char mark, std::size_t begin) const {
    if (begin >= text_.size() || text_[begin] != mark) return std::nullopt;
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == mark && (i + 1 == text_.size() || separates(text_[i + 1]))) {
        return i;
      }
    }
    return std::nullopt;
  }

  const Piece& list_;
  std::string_view text_;
  Report& report_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Target> parse_targets(const Piece& list, Report& report) {
  return TargetParser(list, report).run();
}

}  // namespace sallyport::seclang
