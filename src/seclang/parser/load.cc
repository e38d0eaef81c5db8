// Walks the files and hands each directive to whom it concerns.
#include "seclang/parser/load.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "seclang/parser/draft.h"
#include "seclang/parser/left_out.h"
#include "seclang/parser/lexer.h"
#include "seclang/parser/loader.h"
#include "seclang/parser/report.h"
#include "seclang/parser/resolve.h"
#include "seclang/parser/rules.h"
#include "seclang/parser/settings.h"
#include "seclang/parser/updates.h"

namespace sallyport::seclang {
namespace {

// Includes within includes; a file that includes itself ends here.
constexpr unsigned kMostDepth = 16;

class Loader {
 public:
  explicit Loader(FileAccess access) : files_(std::move(access), rules_->files) {}

  std::expected<std::shared_ptr<const RuleSet>, LoadErrors> run(
      const std::vector<Source>& sources) {
    for (const Source& source : sources) load_source(source);
    resolve(drafts_, files_, *rules_, findings_);
    if (!findings_.errors.empty()) return std::unexpected(std::move(findings_.errors));
    rules_->warnings = std::move(findings_.warnings);
    return std::shared_ptr<const RuleSet>(std::move(rules_));
  }

 private:
  void load_source(const Source& source) {
    files_.set_outermost(source.path);
    if (!source.text.empty()) return read_text(source.path, source.text, 0);
    std::vector<std::string> found = files_.find("", source.path);
    if (found.empty()) {
      findings_.errors.push_back(
          {.file = source.path, .message = "there is no such rule file", .hint = "check the path"});
    }
    for (const std::string& path : found) {
      files_.set_outermost(path);
      auto content = files_.read(path);
      if (content) {
        read_text(path, *content, 0);
      } else {
        findings_.errors.push_back({.file = path, .message = content.error()});
      }
    }
  }

  void read_text(const std::string& name, std::string_view text, unsigned depth) {
    Report report(name, findings_);
    RuleReader reader(drafts_, report);
    for (const Directive& directive : read_directives(text)) {
      if (check_quotes(directive, report)) read_directive(directive, reader, report, depth);
    }
    reader.finish();
  }

  // False: reported. A list of actions may end with its line.
  static bool check_quotes(const Directive& directive, Report& report) {
    if (directive.arguments.empty() || !directive.arguments.back().unclosed()) return true;
    std::string message = directive.name + ": the quote that opens here is not closed";
    std::string hint =
        "close it, or end each line but the last with a backslash and nothing behind it";
    bool list = directive.arguments.size() == 3 ||
                text::equals_ignoring_case(directive.name, "SecAction") ||
                text::equals_ignoring_case(directive.name, "SecDefaultAction");
    Place place = directive.arguments.back().opening();
    if (list) {
      report.warn(place, std::move(message), std::move(hint));
    } else {
      report.error(place, std::move(message), std::move(hint));
    }
    return list;
  }

  void read_directive(const Directive& directive, RuleReader& reader, Report& report,
                      unsigned depth) {
    for (const Row& row : kRules) {
      if (text::equals_ignoring_case(row.name, directive.name))
        return (reader.*row.read)(directive);
    }
    for (std::string_view name : kIncludes) {
      if (!text::equals_ignoring_case(name, directive.name)) continue;
      reader.finish();
      return include(directive, name == kIncludes.back(), report, depth);
    }
    if (read_update(directive, drafts_, report) || settings_.read(directive, report)) return;
    switch (check_left_out(directive, report)) {
      case LeftOut::ignored:
        rules_->ignored.emplace_back(directive.name, directive.place.line);
        break;
      case LeftOut::no:
        report_unknown(directive, report);
        break;
      case LeftOut::reported:
        break;
    }
  }

  void include(const Directive& directive, bool optional, Report& report, unsigned depth) {
    if (directive.arguments.size() != 1) {
      return report.error(directive.place, directive.name + " takes one argument, a file",
                          "put a path with blanks in double quotes");
    }
    const Word& argument = directive.arguments.front();
    if (depth + 1 > kMostDepth) {
      return report.error(argument.place(),
                          directive.name + ": files include each other too deeply",
                          "let no file include itself");
    }
    std::vector<std::string> found = files_.find(report.file(), argument.text());
    if (found.empty() && !optional) {
      return report.error(argument.place(),
                          directive.name + ": there is no file " + argument.text(),
                          "check the path, or use IncludeOptional");
    }
    for (const std::string& path : found) {
      auto content = files_.read(path);
      if (content) {
        read_text(path, *content, depth + 1);
      } else {
        report.error(argument.place(), directive.name + ": " + content.error());
      }
    }
  }

  static void report_unknown(const Directive& directive, Report& report) {
    std::vector<std::string_view> names = setting_names();
    for (const Row& row : kRules) names.push_back(row.name);
    std::optional<std::string> near = text::nearest(directive.name, names);
    report.error(directive.place, "there is no directive " + directive.name,
                 near ? "did you mean " + *near + "?" : "");
  }

  struct Row {
    std::string_view name;
    void (RuleReader::*read)(const Directive& directive);
  };
  static constexpr std::array kRules =
      std::to_array<Row>({{"SecRule", &RuleReader::rule},
                          {"SecAction", &RuleReader::action},
                          {"SecMarker", &RuleReader::marker},
                          {"SecDefaultAction", &RuleReader::defaults}});
  static constexpr std::array<std::string_view, 2> kIncludes = {"Include", "IncludeOptional"};

  Findings findings_;
  std::shared_ptr<RuleSet> rules_ = std::make_shared<RuleSet>();
  Drafts drafts_;
  Files files_;
  SettingsReader settings_{rules_->settings, files_};
};

}  // namespace

std::expected<std::shared_ptr<const RuleSet>, LoadErrors> load_with(
    const std::vector<Source>& sources, FileAccess access) {
  return Loader(std::move(access)).run(sources);
}

std::expected<std::shared_ptr<const RuleSet>, LoadErrors> load(const std::vector<Source>& sources) {
  return load_with(sources, disk());
}

}  // namespace sallyport::seclang
